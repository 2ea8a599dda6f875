using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Unstale.Tests.Cluster;

/// <summary>Log lines of a node.</summary>
internal sealed class CapturedLog : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> _lines = [];

    public bool Says(string text) => Times(text) > 0;

    public int Times(string text) => Texts(LogLevel.Trace).Count(l => l.Contains(text, StringComparison.Ordinal));

    /// <summary>Lines logged at this level or above, in order.</summary>
    public string[] Texts(LogLevel least) => [.. _lines.Where(l => l.Level >= least).Select(l => l.Text)];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((logLevel, formatter(state, exception)));

    public void Dispose()
    {
    }
}
