using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Unstale.Queries;
using Unstale.Tests.Support;

namespace Unstale.Tests.Queries;

/// <summary>A cache with a name of its own and optional services, on a manual clock.</summary>
internal sealed class QueriesUnderTest : IAsyncDisposable, ILoggerProvider, ILogger
{
    private readonly ServiceProvider _services;

    public QueriesUnderTest(Action<IUnstaleBuilder>? add = null, Action<UnstaleOptions>? configure = null, Action<IServiceCollection>? services = null)
    {
        var collection = new ServiceCollection();
        collection.AddLogging(l => l.SetMinimumLevel(LogLevel.Debug).AddProvider(this));
        collection.AddSingleton<TimeProvider>(Clock);
        services?.Invoke(collection);
        var builder = collection.AddUnstale(Name, configure).AddQueryCache();
        add?.Invoke(builder);
        _services = collection.BuildServiceProvider();
        Cache = Get<UnstaleCache>();
    }

    public string Name { get; } = $"queries-{Guid.NewGuid():n}";

    public SteppedTimeProvider Clock { get; } = new();

    public UnstaleCache Cache { get; }

    public QueryCache Queries => Get<QueryCache>();

    public CompositeInvalidationStrategy Strategy => Get<CompositeInvalidationStrategy>();

    public IDomainEvents Events => Get<IDomainEvents>();

    public CommandInvalidation Commands => Get<CommandInvalidation>();

    /// <summary>Logged lines: number, level, text and fields.</summary>
    public ConcurrentQueue<(int Id, LogLevel Level, string Text, Dictionary<string, object?> Fields, string? Event)> Lines { get; } = [];

    /// <summary>Number of records in the log. Each call appends one more.</summary>
    public async ValueTask<long> RecordsAsync() => (await Cache.Invalidator.InvalidateKeyAsync("nobody has this key")).Position.Sequence;

    public T Get<T>()
        where T : notnull => _services.GetRequiredKeyedService<T>(Name);

    public async ValueTask HoldAsync(params string[] keys)
    {
        foreach (var key in keys)
            await Cache.SetAsync(key, key);
    }

    public string[] Held(params string[] keys) => [.. keys.Where(key => Cache.TryGet(key, out string _))];

    public async ValueTask DisposeAsync() =>
        await Eventually.Ends("the services end", _services.DisposeAsync().AsTask(), () => Clock.Advance(TimeSpan.FromMilliseconds(500)));

    ILogger ILoggerProvider.CreateLogger(string categoryName) => this;

    void IDisposable.Dispose()
    {
        // Nothing to dispose.
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (eventId.Id is >= 50 and < 60)
            Lines.Enqueue((eventId.Id, logLevel, formatter(state, exception), ((IEnumerable<KeyValuePair<string, object?>>)state!).ToDictionary(), eventId.Name));
    }
}
