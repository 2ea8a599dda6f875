using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Unstale.IntegrationTests.PostgreSql.Log;

/// <summary>Log lines of a test, with the messages of their exceptions.</summary>
internal sealed class RecordedLines : ILogger
{
    private readonly ConcurrentQueue<(int Id, string Text)> _lines = new();

    public string[] Of(int id) => [.. _lines.Where(line => line.Id == id).Select(static line => line.Text)];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((eventId.Id, $"{formatter(state, exception)} {exception}"));
}
