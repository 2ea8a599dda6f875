using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Unstale.Boundary;

/// <summary>
/// The only way to a logger of the application. A logger that throws loses its line and nothing else; the failure is counted, and not
/// logged in turn. A logger that comes back to the product while it writes a line writes no second one inside the first: a logger
/// that reads the cache would otherwise never end.
/// </summary>
internal sealed class GuardedLogger : ILogger
{
    [ThreadStatic]
    private static bool t_isWriting;

    private readonly ILogger _inner;

    private GuardedLogger(ILogger inner) => _inner = inner;

    public static GuardedLogger None { get; } = new(NullLogger.Instance);

    public static GuardedLogger Over(ILogger logger) => logger as GuardedLogger ?? new(logger);

    /// <summary>The logger of a category that is named after a type; none if the services have no loggers.</summary>
    public static GuardedLogger For<T>(IServiceProvider services) => Make(services.GetService<ILoggerFactory>(), static factory => factory.CreateLogger<T>());

    /// <inheritdoc cref="For{T}(IServiceProvider)"/>
    public static GuardedLogger For<T>(ILoggerFactory? factory) => Make(factory, static f => f.CreateLogger<T>());

    /// <summary>The logger of a category; none without a factory.</summary>
    public static GuardedLogger For(ILoggerFactory? factory, string category) => Make(factory, f => f.CreateLogger(category));

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return _inner.IsEnabled(logLevel);
        }
        catch (Exception)
        {
            CallOutFailures.Count(CallOut.Logger);
            return true; // another provider behind the same logger may want the line
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

    private static GuardedLogger Make(ILoggerFactory? factory, Func<ILoggerFactory, ILogger> make)
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
