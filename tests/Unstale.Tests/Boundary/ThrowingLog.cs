using Microsoft.Extensions.Logging;

namespace Unstale.Tests.Boundary;

/// <summary>A logger of the application that throws in a selectable member.</summary>
internal sealed class ThrowingLog(string way) : ILoggerProvider, ILogger
{
    private int _thrown;

    /// <summary>Whether the member throws. Initially true, for the construction of the services.</summary>
    public bool IsBroken { get; set; } = true;

    public int Thrown => Volatile.Read(ref _thrown);

    public ILogger CreateLogger(string categoryName) => way == "CreateLogger" && IsBroken ? throw Boom() : this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => way == "IsEnabled" && IsBroken ? throw Boom() : true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (way == "Log" && IsBroken)
            throw Boom();
    }

    public void Dispose()
    {
    }

    private InvalidOperationException Boom()
    {
        Interlocked.Increment(ref _thrown);
        return new("the logger is broken");
    }

}
