using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;

namespace Shop;

/// <summary>Starts to listen, and says in one sentence when that cannot be.</summary>
internal static class Listening
{
    /// <summary>The host and the server log a failed start with its stack trace; what failed is said by <see cref="ListenAsync"/> or thrown.</summary>
    public static void KeepStartQuiet(this WebApplicationBuilder builder)
    {
        var started = new StrongBox<bool>();
        builder.Services.AddKeyedSingleton<StrongBox<bool>>(typeof(Listening), started);
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => level >= LogLevel.Information && started.Value);
        builder.Logging.AddFilter("Microsoft.AspNetCore", level => level >= LogLevel.Warning && (started.Value || level != LogLevel.Critical));
    }

    /// <summary>False, after a word to the operator, when the address cannot be listened on, or the setting for Redis is wrong.</summary>
    /// <param name="app">The program.</param>
    /// <param name="who">What the operator knows it by.</param>
    public static async Task<bool> ListenAsync(this WebApplication app, string who = "shop")
    {
        try
        {
            await app.StartAsync();
            app.Services.GetRequiredKeyedService<StrongBox<bool>>(typeof(Listening)).Value = true;
            return true;
        }
        catch (Exception exception) when (exception is IOException or SocketException or FormatException or ArgumentOutOfRangeException { ParamName: "port" })
        {
            await Console.Error.WriteLineAsync($"The {who} cannot listen: choose another address with --urls ({exception.Message.TrimEnd('.')}).");
            return false;
        }
        catch (Exception exception) when (Refusal(exception) is { } refused)
        {
            var reason = refused.Failures.First().Split(": ", 2)[^1].TrimEnd('.');
            await Console.Error.WriteLineAsync($"The {who} cannot use Redis: check the setting ConnectionStrings:Redis ({reason}).");
            return false;
        }
    }

    /// <summary>Both caches have the setting, so both refuse it.</summary>
    private static OptionsValidationException? Refusal(Exception exception) =>
        exception as OptionsValidationException ?? (exception as AggregateException)?.InnerExceptions.OfType<OptionsValidationException>().FirstOrDefault();
}
