using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Unstale.IntegrationTests.Redis.Hosting;

/// <summary>Collects log lines, each followed by the reason of its exception.</summary>
internal sealed class ReceivedLines : ILoggerProvider
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> _lines = [];

    public IEnumerable<(LogLevel Level, string Text)> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => new Ear(_lines);

    public void Dispose()
    {
        // Nothing to dispose.
    }

    private sealed class Ear(ConcurrentQueue<(LogLevel Level, string Text)> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue((logLevel, $"{formatter(state, exception)} {exception?.Message}".TrimEnd()));
    }
}
