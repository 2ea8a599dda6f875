using System.Collections.Concurrent;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.InProcess.ColdKeys;

/// <summary>Callers that all request a missing key. The load ends when all of them have called.</summary>
internal sealed class ColdKeyRound(int callers) : IDisposable
{
    private readonly BenchmarkCache _cache = new(10_000);
    private readonly ConcurrentDictionary<string, Lazy<Task<string>>> _loads = new(StringComparer.Ordinal);
    private int _next;

    /// <summary>Maximum number of factory calls for one key.</summary>
    public int MostCalls { get; private set; }

    public void Cached()
    {
        var load = new HeldLoad();
        var key = Keys.Of(_next++);
        var asked = new Task<string>[callers];
        for (var caller = 0; caller < callers; caller++)
            asked[caller] = _cache.Hybrid.GetOrCreateAsync(key, load, static (state, _) => new ValueTask<string>(state.RunAsync())).AsTask();
        load.End();
        Finish(asked);
        MostCalls = Math.Max(MostCalls, load.Calls);
    }

    /// <summary>Runs the minimum: all callers await one task, found in a dictionary.</summary>
    public void Bare()
    {
        var load = new HeldLoad();
        var key = Keys.Of(_next++);
        var asked = new Task<string>[callers];
        for (var caller = 0; caller < callers; caller++)
            asked[caller] = AwaitAsync(_loads.GetOrAdd(key, static (_, state) => new Lazy<Task<string>>(state.RunAsync), load));
        load.End();
        Finish(asked);
        _loads.TryRemove(key, out _);
    }

    public void Dispose() => _cache.Dispose();

    private static async Task<string> AwaitAsync(Lazy<Task<string>> shared) => await shared.Value.ConfigureAwait(false);

    private static void Finish(Task<string>[] asked)
    {
        foreach (var value in new ValueTask<string[]>(Task.WhenAll(asked)).Wait())
        {
            if (!ReferenceEquals(value, Keys.Value))
                throw new InvalidOperationException("A caller got another value than the one loaded.");
        }
    }
}
