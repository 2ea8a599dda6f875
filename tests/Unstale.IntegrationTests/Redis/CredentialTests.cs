using System.Collections;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Unstale.Hosting;
using Unstale.IntegrationTests.Support;
using Unstale.Redis;
using Unstale.Redis.Channel;
using Unstale.Redis.Connection;
using Xunit;
using static Unstale.IntegrationTests.Redis.SpoiltConnectionStrings;

namespace Unstale.IntegrationTests.Redis;

/// <summary>Credentials in connection strings, valid or spoilt: never shown and never lost.</summary>
public sealed class CredentialTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Entry points that accept a connection string. None of them opens a connection before the string is parsed.</summary>
    private static Dictionary<string, Action<string>> WaysIn { get; } = new(StringComparer.Ordinal)
    {
        ["UseRedis(text)"] = static text => Start(builder => builder.UseRedis(text)),
        ["UseRedis(options)"] = static text => Start(builder => builder.UseRedis(o => o.Configuration = text)),
        ["options of a named cache"] = static text => Start(builder => builder.UseRedis("host", o => o.Configuration = text).UseChannel()),
        ["publisher"] = static text => _ = InvalidationPublisher.Create(text, "service"),
        ["subscriber"] = static text => _ = InvalidationSubscriber.Create(text),
        ["publisher's options"] = static text => _ = InvalidationPublisher.Create("host", "service", o => o.Configuration = text),
        ["AddInvalidationChannel"] = static text =>
        {
            using var services = new ServiceCollection().AddInvalidationChannel(text).BuildServiceProvider();
            services.GetRequiredService<InvalidationSubscriber>();
        },
    };

    public static TheoryData<string> Ways => [.. WaysIn.Keys];

    [Fact]
    public void A_damaged_Redis_connection_string_is_refused_without_a_quotation_or_keeps_its_whole_password()
    {
        Assert.InRange(All.Count, 500, 5000);
        var faults = new List<string>();
        foreach (var text in All)
        {
            try
            {
                var options = ConnectionString.Parse(text);
                if (Letters(text) != Letters(options.Password ?? ""))
                    faults.Add($"lost: {text}");
                if (Shown($"{string.Join(' ', options.EndPoints)} {options.ClientName} {options.User} {options.SslHost} {options.ServiceName} {options.ChannelPrefix}") is not null)
                    faults.Add($"shown when read: {text}");
            }
            catch (FormatException refused)
            {
                if (Shown(Everything(refused)) is not null)
                    faults.Add($"shown when refused: {text}: {refused.Message}");
            }
        }

        Assert.True(faults.Count == 0, $"{faults.Count}:\n" + string.Join(Environment.NewLine, faults));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void No_exception_of_any_entry_point_shows_a_refused_connection_string(string way)
    {
        var (faults, refused) = (new List<string>(), 0);
        foreach (var text in All.Where(static text => !IsRead(text)).Where(static (_, number) => number % 4 == 0))
        {
            try
            {
                WaysIn[way](text);
                faults.Add($"taken: {text}");
            }
            catch (Exception why)
            {
                refused++;
                if (Shown(Everything(why)) is not null || why is not (FormatException or OptionsValidationException or ArgumentException))
                    faults.Add($"{text}: {why.GetType().Name} {why.Message}");
            }
        }

        Assert.True(faults.Count == 0, $"{faults.Count}:\n" + string.Join(Environment.NewLine, faults));
        Assert.True(refused > 50);
    }

    [Fact]
    public async Task A_password_that_the_server_refuses_is_in_no_log_line_exception_place_or_name()
    {
        await using var server = await RedisServer.StartAsync("--requirepass", "another");
        var received = new WholeLines();
        await using var services = new ServiceCollection().AddLogging(log => log.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(received))
            .AddUnstale().UseRedis($"redis://app:{Secret}@{server.EndPoint}").UseChannel().Services.BuildServiceProvider();
        var cache = services.GetRequiredService<UnstaleCache>();
        var failed = await Assert.ThrowsAnyAsync<Exception>(() => services.GetRequiredService<InvalidationPublisher>().InvalidateUserAsync("1", Stop).AsTask());
        await cache.GetOrCreateAsync("k", static _ => ValueTask.FromResult(1), cancellationToken: Stop);
        await Eventually.TrueAsync("the refusal is logged", () => Task.FromResult(received.Lines.Any(static line => line.Contains("WRONGPASS", StringComparison.Ordinal))));
        var place = services.GetRequiredKeyedService<ILogSource>("default").Place;
        Assert.Contains("user 'app'", place, StringComparison.Ordinal);
        Assert.All([Everything(failed), place, $"{cache.GetStatistics()}", $"{cache.GetLogState()}", .. received.Lines], static text => Assert.Null(Shown(text)));
    }

    [Fact]
    public async Task A_password_in_an_exception_of_a_factory_is_not_logged()
    {
        var received = new WholeLines();
        await using var services = new ServiceCollection().AddLogging(log => log.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(received))
            .AddUnstale().UseRedis(static o => o.ConnectionMultiplexerFactory = static () => throw new SocketException(1, $"https://vault?token={Secret}"))
            .Services.BuildServiceProvider();
        await services.GetRequiredService<UnstaleCache>().GetOrCreateAsync("k", static _ => ValueTask.FromResult(1), cancellationToken: Stop);
        await Eventually.TrueAsync(
            "the type is logged", () => Task.FromResult(received.Lines.Any(static line => line.Contains(nameof(SocketException), StringComparison.Ordinal))));
        Assert.All(received.Lines, static text => Assert.Null(Shown(text)));
    }

    [Fact]
    public void Objects_that_hold_credentials_print_without_them()
    {
        object[] holders =
        [
            new RedisOptions { Configuration = Secret }, new ChannelOptions { Configuration = Secret },
            RedisSettings.Parse($"redis://app:{Secret}@host", TimeProvider.System),
        ];
        Assert.All(holders, static holder => Assert.Null(Shown(holder.ToString()!)));
    }

    private static bool IsRead(string text)
    {
        try
        {
            ConnectionString.Parse(text);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static void Start(Action<IUnstaleBuilder> use)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        use(builder.Services.AddUnstale("shop"));
        using var host = builder.Build();
        host.Start();
    }

    /// <summary>Returns all text reachable from an exception: its message, its inner exceptions, and the data of each.</summary>
    private static string Everything(Exception why)
    {
        var text = why.ToString();
        for (var inner = why; inner is not null; inner = inner.InnerException)
        {
            text += string.Concat(inner.Data.Cast<DictionaryEntry>().Select(static data => $"\n{data.Key}: {data.Value}"));
        }

        return text;
    }

    /// <summary>Collects log lines of every level, with full exceptions and each value separately.</summary>
    private sealed class WholeLines : ILoggerProvider, ILogger
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> _lines = [];

        public IReadOnlyList<string> Lines => [.. _lines];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue($"{formatter(state, exception)} {(exception is null ? "" : Everything(exception))} {(state is IEnumerable<KeyValuePair<string, object?>> values ? string.Join(' ', values) : "")}");

        public void Dispose()
        {
            // Nothing to dispose.
        }
    }
}
