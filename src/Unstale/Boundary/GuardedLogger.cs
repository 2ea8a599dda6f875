using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Unstale.Boundary;

/// <summary>
/// Must be used for every call to a logger of the application. If the logger throws, only the message is lost; the failure is counted but not logged. A
/// logger that calls the library while writing a message cannot write a second one: a logger that reads the cache would otherwise recurse endlessly.
/// </summary>
internal sealed class GuardedLogger : ILogger
{
    [ThreadStatic]
    private static bool t_isWriting;

    private readonly ILogger _inner;

    private GuardedLogger(ILogger inner) => _inner = inner;

    public static GuardedLogger None { get; } = new(NullLogger.Instance);

    public static GuardedLogger Over(ILogger logger) => logger as GuardedLogger ?? new(logger);

    /// <summary>Returns the logger of a category named after a type; <see cref="None"/> if no logger factory is registered.</summary>
    public static GuardedLogger For<T>(IServiceProvider services) => Create(services.GetService<ILoggerFactory>(), static factory => factory.CreateLogger<T>());

    /// <inheritdoc cref="For{T}(IServiceProvider)"/>
    public static GuardedLogger For<T>(ILoggerFactory? factory) => Create(factory, static f => f.CreateLogger<T>());

    /// <summary>Returns the logger of a category; <see cref="None"/> without a factory.</summary>
    public static GuardedLogger For(ILoggerFactory? factory, string category) => Create(factory, f => f.CreateLogger(category));

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return _inner.IsEnabled(logLevel);
        }
        catch (Exception)
        {
            CallOutFailures.Count(CallOut.Logger);
            return true; // another provider behind the same logger may accept the message
        }
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (t_isWriting)
        {
            CallOutFailures.Count(CallOut.Logger);
            return;
        }

        t_isWriting = true;
        try
        {
            _inner.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception)
        {
            CallOutFailures.Count(CallOut.Logger);
        }
        finally
        {
            t_isWriting = false;
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    private static GuardedLogger Create(ILoggerFactory? factory, Func<ILoggerFactory, ILogger> make)
    {
        if (factory is null)
            return None;
        try
        {
            return Over(make(factory));
        }
        catch (Exception)
        {
            CallOutFailures.Count(CallOut.Logger);
            return None;
        }
    }
}
