using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;

namespace Shop;

/// <summary>Start of a program's server, with one sentence for the operator if it cannot listen.</summary>
internal static class Listening
{
    /// <summary>
    /// Suppresses the stack traces that the host and the server log for a failed start. The failure is reported by <see cref="ListenAsync"/> or
    /// thrown.
    /// </summary>
    public static void KeepStartQuiet(this WebApplicationBuilder builder)
    {
        var started = new StrongBox<bool>();
        builder.Services.AddKeyedSingleton<StrongBox<bool>>(typeof(Listening), started);
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => level >= LogLevel.Information && started.Value);
        builder.Logging.AddFilter("Microsoft.AspNetCore", level => level >= LogLevel.Warning && (started.Value || level != LogLevel.Critical));
    }

    /// <summary>
    /// Starts to listen. Returns false, after a message to the operator, if the address cannot be used or the setting for Redis is wrong.
    /// </summary>
    /// <param name="app">Application to start.</param>
    /// <param name="who">Name of the program in messages.</param>
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

    /// <summary>Returns the refusal of a setting. Both caches have the setting, so both refuse it.</summary>
    private static OptionsValidationException? Refusal(Exception exception) =>
        exception as OptionsValidationException ?? (exception as AggregateException)?.InnerExceptions.OfType<OptionsValidationException>().FirstOrDefault();
}
