using Microsoft.Extensions.Logging;

namespace Native;

/// <summary>Logger that holds the last warning.</summary>
internal sealed class LastLine : ILoggerProvider, ILogger
{
    public string Text { get; private set; } = "";

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            Text = formatter(state, exception);
    }

    public void Dispose()
    {
    }
}
