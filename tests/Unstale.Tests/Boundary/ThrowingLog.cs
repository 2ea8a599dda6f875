using Microsoft.Extensions.Logging;

namespace Unstale.Tests.Boundary;

/// <summary>A logger of the application that fails, in one of several ways, from the moment on at which it is told to.</summary>
internal sealed class ThrowingLog(string way) : ILoggerProvider, ILogger
{
    private int _thrown;

    /// <summary>Set once the services are built.</summary>
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
