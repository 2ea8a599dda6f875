using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests;

/// <summary>Hits on shareable values allocate nothing for any kind of key.</summary>
public sealed class HitAllocationTests
{
    private const int Hits = 10_000;

    public static TheoryData<string> Reads => [.. AllReads.Keys];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static UnstaleEntryOptions Options { get; } = new() { Expiration = TimeSpan.FromMinutes(1) };

    private static CacheNamespace Tenant { get; set; } = null!;

    private static string[] Tags { get; } = ["a", "b", "c"];

    private static Func<CancellationToken, ValueTask<string>> NotAsked { get; } = static _ => throw new InvalidOperationException("The source must not be asked.");

    private static Func<int, CancellationToken, ValueTask<string>> NotAskedWithState { get; } = static (_, t) => NotAsked(t);

    private static Func<LoadContext, CancellationToken, ValueTask<string>> NotAskedWithContext { get; } = static (_, t) => NotAsked(t);

    private static Dictionary<string, Func<UnstaleCache, int, ValueTask<string>>> AllReads { get; } = new(StringComparer.Ordinal)
    {
        ["HybridCache, string"] = static (c, _) => ((HybridCache)c).GetOrCreateAsync("product:7", NotAsked),
        ["HybridCache, string and state"] = static (c, id) => ((HybridCache)c).GetOrCreateAsync("product:7", id, NotAskedWithState),
        ["HybridCache, span"] = static (c, _) => ((HybridCache)c).GetOrCreateAsync("a product:7".AsSpan(2), NotAsked),
        ["HybridCache, span and state"] = static (c, id) => ((HybridCache)c).GetOrCreateAsync("a product:7".AsSpan(2), id, NotAskedWithState),
        ["HybridCache, interpolated"] = static (c, id) => ((HybridCache)c).GetOrCreateAsync($"product:{id}", NotAsked),
        ["HybridCache, interpolated and state"] = static (c, id) => ((HybridCache)c).GetOrCreateAsync($"product:{id}", id, NotAskedWithState),
        ["string"] = static (c, _) => c.GetOrCreateAsync("product:7", NotAsked),
        ["string and state"] = static (c, id) => c.GetOrCreateAsync("product:7", id, NotAskedWithState),
        ["string and tags"] = static (c, id) => c.GetOrCreateAsync("product:7", id, NotAskedWithState, tags: Tags),
        ["string and options"] = static (c, _) => c.GetOrCreateAsync("product:7", NotAskedWithContext, Options),
        ["span"] = static (c, _) => c.GetOrCreateAsync("a product:7".AsSpan(2), NotAsked),
        ["span and state"] = static (c, id) => c.GetOrCreateAsync("a product:7".AsSpan(2), id, NotAskedWithState),
        ["interpolated"] = static (c, id) => c.GetOrCreateAsync($"product:{id}", NotAsked),
        ["interpolated and state"] = static (c, id) => c.GetOrCreateAsync($"product:{id}", id, NotAskedWithState),
        ["with info"] = static (c, _) => ValueOf(c.GetOrCreateResultAsync("product:7", NotAskedWithContext)),
        ["namespace"] = static (_, _) => Tenant.GetOrCreateAsync("product:7", NotAsked),
        ["namespace and tags"] = static (_, id) => Tenant.GetOrCreateAsync("product:7", id, NotAskedWithState, tags: Tags),
        ["namespace, interpolated"] = static (_, id) => Tenant.GetOrCreateAsync($"product:{id}", NotAsked),
        ["namespace as HybridCache"] = static (_, id) => ((HybridCache)Tenant).GetOrCreateAsync($"product:{id}", NotAsked),
        ["TryGet, string"] = static (c, _) => new(c.TryGet("product:7", out string value) ? value : ""),
        ["TryGet, span"] = static (c, _) => new(c.TryGet("a product:7".AsSpan(2), out string value) ? value : ""),
    };

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task A_hit_allocates_nothing(string how)
    {
        await using var test = new CacheUnderTest(time: TimeProvider.System);
        await test.Cache.SetAsync("product:7", "v", tags: Tags, cancellationToken: Stop);
        Tenant = test.Cache.Namespace("tenant:42").Namespace("products");
        await Tenant.SetAsync("product:7", "v", tags: Tags, cancellationToken: Stop);
        var read = AllReads[how];
        var rounds = 0;

        // Code that the runtime has not optimised yet boxes, and a collection may empty the buffer pool. Both are temporary, a cost of the hit is not.
        await Eventually.Holds(
            "10,000 hits allocate nothing",
            () =>
            {
                rounds++;
                return AllocatedBy(test.Cache, read) == 0;
            });
        Assert.Equal(rounds * Hits, test.Cache.GetStatistics().Hits);
    }

    [Fact]
    public async Task A_hit_allocates_nothing_while_another_flow_bypasses_the_cache()
    {
        await using var test = new CacheUnderTest(time: TimeProvider.System);
        await test.Cache.SetAsync("product:7", "v", tags: Tags, cancellationToken: Stop);
        using var scope = await Task.Run(test.Cache.BypassScope, Stop);
        await Eventually.Holds("10,000 hits allocate nothing", () => AllocatedBy(test.Cache, AllReads["string and state"]) == 0);
    }

    private static long AllocatedBy(UnstaleCache cache, Func<UnstaleCache, int, ValueTask<string>> read)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var found = 0;
        for (var i = 0; i < Hits; i++)
        {
            var task = read(cache, 7);
            found += task.IsCompletedSuccessfully ? task.Result.Length : 0;
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(Hits, found);
        return allocated;
    }

    private static ValueTask<string> ValueOf(ValueTask<CacheResult<string>> result) =>
        result.IsCompletedSuccessfully ? new(result.Result.Value) : new("");
}
