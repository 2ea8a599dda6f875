using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Redis.Connection;
using Unstale.Redis.Log;
using Unstale.Redis.Scripts;

namespace Unstale.IntegrationTests.Redis.Log;

/// <summary>Connections of one process to a server: a hub, and logs over it.</summary>
internal sealed class LogProcess(RedisSettings settings) : IAsyncDisposable
{
    private static readonly RedisBackoff Quick = new(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(50));

    public LogProcess(RedisServer server)
        : this(server.Settings)
    {
    }

    public CapturedLog Said { get; } = new();

    public RedisConnections Hub => field ??= new RedisConnections(settings with { Backoff = Quick }, Said);

    public RedisInvalidationLog Log(string name = "shop", string prefix = "unstale", RedisLogSettings? limits = null) =>
        new(Hub, name, new RedisKeys(prefix, name, 0), limits ?? new RedisLogSettings(), Said);

    public ValueTask DisposeAsync() => Hub.DisposeAsync();
}

/// <summary>Collects log messages.</summary>
internal sealed class CapturedLog : ILogger
{
    private readonly Lock _gate = new();
    private readonly List<(int Id, string Text)> _messages = [];

    public IReadOnlyList<string> Of(int eventId)
    {
        lock (_gate)
            return [.. _messages.Where(m => m.Id == eventId).Select(m => m.Text)];
    }

    public static implicit operator GuardedLogger(CapturedLog log) => GuardedLogger.Over(log);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_gate)
            _messages.Add((eventId.Id, formatter(state, exception)));
    }
}
