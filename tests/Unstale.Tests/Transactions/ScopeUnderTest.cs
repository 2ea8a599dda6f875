using Microsoft.Extensions.DependencyInjection;

namespace Unstale.Tests.Transactions;

/// <summary>A source with one value per key, and caches over it: two of one log, one of another.</summary>
internal sealed class ScopeUnderTest : IAsyncDisposable
{
    private readonly CacheUnderTest _test;

    public ScopeUnderTest(Action<UnstaleOptions>? configure = null)
    {
        _test = new(configure, services =>
        {
            services.AddUnstale("beside", configure);
            services.AddUnstale("apart", options =>
            {
                configure?.Invoke(options);
                options.Log = "other";
            });
        });
        Beside = _test.Services.GetRequiredKeyedService<UnstaleCache>("beside");
        Apart = _test.Services.GetRequiredKeyedService<UnstaleCache>("apart");
    }

    public UnstaleCache Cache => _test.Cache;

    /// <summary>A cache of the same log.</summary>
    public UnstaleCache Beside { get; }

    /// <summary>A cache of another log.</summary>
    public UnstaleCache Apart { get; }

    public IInvalidator Invalidator => Cache.Invalidator;

    public CacheUnderTest Test => _test;

    public Dictionary<string, string> Source { get; } = new(StringComparer.Ordinal);

    public int Loads { get; private set; }

    /// <summary>Number of records in the log.</summary>
    public long Records => Cache.GetLogState().Position.Sequence;

    public async Task<string> ReadAsync(string key, UnstaleCache? cache = null, params string[] tags) => await (cache ?? Cache).GetOrCreateAsync(
        key,
        _ =>
        {
            Loads++;
            return new ValueTask<string>(Source.GetValueOrDefault(key, "none"));
        },
        tags: tags);

    /// <summary>Runs work in a flow independent of the current one.</summary>
    public static async Task<T> ElsewhereAsync<T>(Func<Task<T>> work)
    {
        Task<T> started;
        using (ExecutionContext.SuppressFlow())
            started = Task.Run(work);
        return await started;
    }

    public Task<string> ReadElsewhereAsync(string key, UnstaleCache? cache = null, params string[] tags) => ElsewhereAsync(() => ReadAsync(key, cache, tags));

    public ValueTask DisposeAsync() => _test.DisposeAsync();
}
