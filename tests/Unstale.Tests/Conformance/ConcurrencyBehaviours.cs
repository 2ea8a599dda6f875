using Microsoft.Extensions.Caching.Hybrid;
using static Unstale.Tests.Conformance.Behaviour;

namespace Unstale.Tests.Conformance;

/// <summary>Loads with several callers, and loads that fail.</summary>
internal static class ConcurrencyBehaviours
{
    public static Behaviour[] All { get; } =
    [
        Same("50 callers of a key that is not cached", "1 load, 50 values",
            static t => JoinAsync(t, static (cache, load) => cache.GetOrCreateAsync("k", load.RunAsync))),
        Same("50 callers with tokens", "1 load, 50 values", static async t =>
        {
            using var source = new CancellationTokenSource();
            return await JoinAsync(t, (cache, load) => cache.GetOrCreateAsync("k", load.RunAsync, cancellationToken: source.Token));
        }),
        Same("Two callers with different flags", "two loads", static t => PairAsync(
            t,
            static (cache, load) => cache.GetOrCreateAsync("k", load),
            static (cache, load) => cache.GetOrCreateAsync("k", load, new() { Flags = HybridCacheEntryFlags.DisableLocalCacheWrite }))),
        Same("Two callers with DisableLocalCacheRead", "one load", static t => PairAsync(t, HybridCacheEntryFlags.DisableLocalCacheRead)),
        Same("Two callers with DisableLocalCacheWrite", "one load", static t => PairAsync(t, HybridCacheEntryFlags.DisableLocalCacheWrite)),
        Same("Two callers with different lifetimes", "one load", static t => PairAsync(
            t,
            static (cache, load) => cache.GetOrCreateAsync("k", load),
            static (cache, load) => cache.GetOrCreateAsync("k", load, new() { Expiration = TimeSpan.FromMinutes(1) }))),
        Differs(
            "Two callers with different tags, then the removal of the tag of the second",
            "one load; k is cached",
            "one load; nothing is cached",
            "The entry carries the tags of all callers that joined the load.",
            static async t =>
            {
                var outcome = await PairAsync(
                    t,
                    static (cache, load) => cache.GetOrCreateAsync("k", load, tags: ["first"]),
                    static (cache, load) => cache.GetOrCreateAsync("k", load, tags: ["second"]));
                await t.Cache.RemoveByTagAsync("second");
                return $"{outcome}; {await t.CachedAsync("k")}";
            }),
        Differs(
            "Two callers of the same key with different types",
            "first: v; second: throws InvalidOperationException",
            "first: v; second: 7",
            "Unstale runs one load for each type of value.",
            TwoTypesAsync),
        Same("A load that completes synchronously", "completes synchronously",
            static t => Task.FromResult(t.ReadAsync("k").AsTask().IsCompletedSuccessfully ? "completes synchronously" : "completes later")),
        Same("A hit", "completes synchronously", static async t =>
        {
            await t.ReadAsync("k");
            return t.ReadAsync("k").AsTask().IsCompletedSuccessfully ? "completes synchronously" : "completes later";
        }),
        Same("State passed to the factory", "the same object", static async t =>
        {
            var state = new object();
            return await t.Cache.GetOrCreateAsync("k", state, (received, _) => new ValueTask<string>(received == state ? "the same object" : "another object"));
        }),
        Same("A factory that reads another key", "outer and inner are cached", static async t =>
        {
            await t.Cache.GetOrCreateAsync("outer", async token => await t.ReadAsync("inner", token: token));
            return await t.CachedAsync("outer", "inner");
        }),
        Differs(
            "A factory that reads its own key",
            "waits for itself until it throws OperationCanceledException",
            "throws RecursiveLoadException",
            "Unstale detects the cycle instead of waiting without end.",
            RecursiveAsync),
        Same("A factory that is null", "throws NullReferenceException",
            static async t => await t.Cache.GetOrCreateAsync<string>("k", (Func<CancellationToken, ValueTask<string>>)null!)),
        Same("A factory that is null, for a cached key", "set", static async t =>
        {
            await t.Cache.SetAsync("k", "set");
            return await t.Cache.GetOrCreateAsync<string>("k", (Func<CancellationToken, ValueTask<string>>)null!);
        }),
        Same("AsyncLocal values in a load whose caller has no token", "visible", static t => FlowAsync(t, CancellationToken.None)),
        Differs(
            "AsyncLocal values in a load whose caller has a token",
            "not visible",
            "visible",
            "Unstale runs each load in the execution context of the caller that begins the load.",
            static async t =>
            {
                using var source = new CancellationTokenSource();
                return await FlowAsync(t, source.Token);
            }),

        Same("A read of another key while a load runs", "returns load 1 without waiting", static async t =>
        {
            var load = new GatedLoad<string>("v");
            var blocked = t.Cache.GetOrCreateAsync("k", load.RunAsync).AsTask();
            var other = await t.ReadAsync("j");
            load.Release();
            await blocked;
            return $"returns {other} without waiting";
        }),
        Same("A load that throws", "throws InvalidOperationException, 2 loads for 2 reads",
            static t => t.LoadTwiceAsync(static () => ValueTask.FromException<string>(new InvalidOperationException()))),
        Same("A factory that throws before it returns a task", "throws InvalidOperationException, 2 loads for 2 reads",
            static t => t.LoadTwiceAsync(static () => throw new InvalidOperationException())),
        Same("A load that throws, with 3 callers", "1 load; throws InvalidOperationException, 1 instance", SharedFailureAsync),
        Same("A failed load of a key that is removed at the same time", "throws InvalidOperationException; cached afterwards", static async t =>
        {
            var load = new GatedLoad<string>("old");
            var read = t.Cache.GetOrCreateAsync("k", load.RunAsync).AsTask();
            await load.BegunAsync();
            await t.Cache.RemoveAsync("k");
            load.Fail(new InvalidOperationException());
            return $"{await Outcome.OfAsync(read)}; {await t.ReadTwiceAsync("k")} afterwards";
        }),
    ];

    private static async Task<string> JoinAsync(Trial t, Func<HybridCache, GatedLoad<string>, ValueTask<string>> read)
    {
        var load = new GatedLoad<string>("v");
        var reads = Enumerable.Range(0, 50).Select(_ => read(t.Cache, load).AsTask()).ToArray();
        await load.BegunAsync();
        load.Release();
        var values = await Task.WhenAll(reads);
        return $"{load.Runs} load, {values.Count(static value => value == "v")} values";
    }

    private static Task<string> PairAsync(Trial t, HybridCacheEntryFlags flags)
    {
        ValueTask<string> ReadAsync(HybridCache cache, Func<CancellationToken, ValueTask<string>> load) => cache.GetOrCreateAsync("k", load, new() { Flags = flags });
        return PairAsync(t, ReadAsync, ReadAsync);
    }

    private static async Task<string> PairAsync(
        Trial t,
        Func<HybridCache, Func<CancellationToken, ValueTask<string>>, ValueTask<string>> first,
        Func<HybridCache, Func<CancellationToken, ValueTask<string>>, ValueTask<string>> second)
    {
        var load = new GatedLoad<string>("v");
        var (one, other) = (first(t.Cache, load.RunAsync).AsTask(), second(t.Cache, load.RunAsync).AsTask());
        load.Release();
        await Task.WhenAll(one, other);
        return load.Runs == 1 ? "one load" : "two loads";
    }

    private static async Task<string> TwoTypesAsync(Trial t)
    {
        var (text, number) = (new GatedLoad<string>("v"), new GatedLoad<int>(7));
        var first = t.Cache.GetOrCreateAsync("k", text.RunAsync).AsTask();
        var second = Outcome.OfAsync(() => t.Cache.GetOrCreateAsync("k", number.RunAsync));
        text.Release();
        number.Release();
        return $"first: {await first}; second: {await second}";
    }

    private static async Task<string> RecursiveAsync(Trial t)
    {
        using var source = new CancellationTokenSource();
        return await t.Cache.GetOrCreateAsync("k", async _ =>
        {
            var inner = t.ReadAsync("k", token: source.Token).AsTask();
            await Task.WhenAny(inner, Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None));
            if (inner.IsCompleted)
                return await inner;
            await source.CancelAsync();
            return $"waits for itself until it {await Outcome.OfAsync(inner)}";
        });
    }

    private static async Task<string> FlowAsync(Trial t, CancellationToken token)
    {
        var local = new AsyncLocal<string?> { Value = "of the caller" };
        return await t.Cache.GetOrCreateAsync("k", _ => new ValueTask<string>(local.Value is null ? "not visible" : "visible"), cancellationToken: token);
    }

    private static async Task<string> SharedFailureAsync(Trial t)
    {
        var load = new GatedLoad<string>("never");
        var reads = Enumerable.Range(0, 3).Select(_ => t.Cache.GetOrCreateAsync("k", load.RunAsync).AsTask()).ToArray();
        await load.BegunAsync();
        load.Fail(new InvalidOperationException());
        var failures = new List<Exception>();
        foreach (var read in reads)
            failures.Add((await Outcome.FailureOfAsync(read))!);
        return $"{load.Runs} load; {string.Join(", ", failures.Select(Outcome.Of).Distinct())}, {failures.Distinct(ReferenceEqualityComparer.Instance).Count()} instance";
    }
}
