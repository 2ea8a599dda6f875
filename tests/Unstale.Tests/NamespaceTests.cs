using Microsoft.Extensions.Caching.Hybrid;
using Xunit;

namespace Unstale.Tests;

public sealed class NamespaceTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Reads => ["HybridCache", "HybridCache with options", "span", "options", "context", "interpolated", "with info"];

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task Every_read_through_a_namespace_gives_the_entry_the_tags_of_the_namespace_and_its_parents(string way)
    {
        await using var test = new CacheUnderTest();
        var inner = test.Cache.Namespace("tenant:42").Namespace("carts");
        await ReadAsync(inner, way);
        Assert.Equal(["ns:tenant:42", "ns:tenant:42/carts", "own"], inner.Inspect("k")!.Tags);
        Assert.Equal("v", await ReadAsync(inner, way));
        Assert.Equal(1, test.Cache.GetStatistics().Hits);
        Assert.Equal("ns:tenant:42/carts//k", inner.Inspect("k")!.Key);
    }

    [Fact]
    public async Task Entries_set_through_a_namespace_are_invalidated_with_the_namespace_and_its_parents()
    {
        await using var test = new CacheUnderTest();
        var outer = test.Cache.Namespace("tenant:42");
        var inner = outer.Namespace("carts");
        var other = test.Cache.Namespace("tenant:43");
        foreach (HybridCache cache in (HybridCache[])[test.Cache, outer, inner, other])
            await cache.SetAsync("k", "v", cancellationToken: Stop);
        var receipt = await inner.InvalidateAsync("sold out", Stop);
        Assert.Equal(ReceiptState.Applied, receipt.State);
        Assert.Equal((false, true), (inner.TryGet("k", out string _), outer.TryGet("k", out string _)));
        await inner.SetAsync("k", "v", new UnstaleEntryOptions(), cancellationToken: Stop);
        var second = await outer.InvalidateAsync(cancellationToken: Stop);
        Assert.Equal((false, false), (inner.TryGet("k", out string _), outer.TryGet("k", out string _)));
        Assert.Equal((true, true), (other.TryGet("k", out string _), test.Cache.TryGet("k", out string _)));
        Assert.Equal(receipt.Position.Sequence + 2, second.Position.Sequence);
    }

    [Fact]
    public async Task A_namespace_without_reads_can_be_invalidated_and_its_next_read_loads()
    {
        await using var test = new CacheUnderTest();
        var fresh = test.Cache.Namespace("new");
        await fresh.InvalidateAsync(cancellationToken: Stop);
        Assert.Equal(1, await fresh.GetOrCreateAsync("k", static _ => new ValueTask<int>(1), cancellationToken: Stop));
        await fresh.InvalidateAsync(cancellationToken: Stop);
        Assert.Equal(2, await fresh.GetOrCreateAsync("k", static _ => new ValueTask<int>(2), cancellationToken: Stop));
    }

    [Fact]
    public async Task A_load_that_began_before_the_invalidation_is_not_kept()
    {
        await using var test = new CacheUnderTest();
        var tenant = test.Cache.Namespace("tenant:42");
        var value = await tenant.Namespace("carts").GetOrCreateAsync("k", async _ =>
        {
            await tenant.InvalidateAsync(cancellationToken: Stop);
            return "old";
        }, cancellationToken: Stop);
        Assert.Equal(("old", false), (value, tenant.Namespace("carts").TryGet("k", out string _)));
    }

    [Fact]
    public async Task A_value_derived_from_an_entry_of_a_namespace_is_invalidated_with_the_namespace()
    {
        await using var test = new CacheUnderTest();
        var prices = test.Cache.Namespace("tenant:42").Namespace("prices");
        await test.Cache.GetOrCreateAsync(
            "total", async token => await prices.GetOrCreateAsync("ice", static _ => new ValueTask<int>(2), cancellationToken: token), cancellationToken: Stop);
        Assert.Equal(["ns:tenant:42", "ns:tenant:42/prices"], test.Cache.Inspect("total")!.Tags);
        await test.Cache.Namespace("tenant:42").InvalidateAsync(cancellationToken: Stop);
        Assert.False(test.Cache.TryGet("total", out int _));
    }

    [Fact]
    public async Task Write_through_in_a_namespace_has_separate_keys_and_is_invalidated_with_the_namespace()
    {
        await using var test = new CacheUnderTest(o => o.DataTypes["price"] = new() { Expiration = TimeSpan.FromSeconds(30) });
        var (one, other) = (test.Cache.Namespace("one"), test.Cache.Namespace("other"));
        Assert.Equal(WriteThroughOutcome.Stored, (await one.WriteThroughAsync("price:1", 5, 2, tags: ["t"], cancellationToken: Stop)).Outcome);
        Assert.Equal(WriteThroughOutcome.Superseded, (await one.WriteThroughAsync("price:1", 4, 1, cancellationToken: Stop)).Outcome);
        Assert.Equal(WriteThroughOutcome.Stored, (await other.WriteThroughAsync("price:1", 4, 1, cancellationToken: Stop)).Outcome);
        Assert.Equal(["ns:one", "t"], one.Inspect("price:1")!.Tags);
        Assert.Equal(TimeSpan.FromSeconds(30), one.Inspect("price:1")!.ExpiresIn);
        await one.InvalidateAsync(cancellationToken: Stop);
        await other.InvalidateUpToVersionAsync("price:1", 2, Stop);
        Assert.Equal((false, false), (one.TryGet("price:1", out int _), other.TryGet("price:1", out int _)));
        Assert.Equal(WriteThroughOutcome.Superseded, (await other.WriteThroughAsync("price:1", 4, 2, cancellationToken: Stop)).Outcome);
        Assert.Equal(WriteThroughOutcome.Invalidated, (await one.WriteThroughAsync("price:1", 4, Stop)).Outcome);
    }

    [Fact]
    public async Task RemoveAsync_in_a_namespace_removes_only_the_key_of_the_namespace()
    {
        await using var test = new CacheUnderTest();
        HybridCache tenant = test.Cache.Namespace("tenant:42");
        foreach (var key in (string[])["a", "b", "c"])
        {
            await tenant.SetAsync(key, 1, cancellationToken: Stop);
            await test.Cache.SetAsync(key, 1, cancellationToken: Stop);
        }

        await tenant.RemoveAsync("a", Stop);
        await tenant.RemoveAsync(["b", "c"], Stop);
        foreach (var key in (string[])["a", "b", "c"])
        {
            Assert.False(((CacheNamespace)tenant).TryGet(key, out int _));
            Assert.True(test.Cache.TryGet(key, out int _));
        }
    }

    [Fact]
    public async Task A_tag_used_through_a_namespace_applies_to_the_whole_log_and_a_star_to_the_namespace()
    {
        await using var test = new CacheUnderTest();
        var (one, other) = (test.Cache.Namespace("one"), test.Cache.Namespace("other"));
        foreach (var tenant in (CacheNamespace[])[one, other])
            await tenant.SetAsync("k", 1, tags: ["product:4"], cancellationToken: Stop);
        await one.RemoveByTagAsync("*", Stop);
        Assert.Equal((false, true), (one.TryGet("k", out int _), other.TryGet("k", out int _)));
        await one.RemoveByTagAsync(["*", "product:4"], Stop);
        Assert.False(other.TryGet("k", out int _));
    }

    [Fact]
    public async Task Options_in_a_namespace_follow_the_key_without_the_prefix_of_the_namespace()
    {
        await using var test = new CacheUnderTest(o =>
        {
            o.DataTypes["stock_count"] = new() { Expiration = TimeSpan.FromSeconds(30) };
            o.KeyPrefixes["stock_count:eu:"] = new() { Expiration = TimeSpan.FromSeconds(10) };
        });
        var inner = test.Cache.Namespace("tenant:42").Namespace("a");
        await inner.SetAsync("stock_count:1", 1, cancellationToken: Stop);
        await inner.GetOrCreateAsync("stock_count:eu:1", static _ => new ValueTask<int>(1), cancellationToken: Stop);
        await inner.SetAsync("other", 1, new HybridCacheEntryOptions { Expiration = TimeSpan.FromSeconds(7) }, cancellationToken: Stop);
        Assert.Equal(30, inner.Inspect("stock_count:1")!.ExpiresIn.TotalSeconds);
        Assert.Equal(10, inner.Inspect("stock_count:eu:1")!.ExpiresIn.TotalSeconds);
        Assert.Equal(7, inner.Inspect("other")!.ExpiresIn.TotalSeconds);
    }

    [Fact]
    public async Task Keys_of_any_length_are_found()
    {
        await using var test = new CacheUnderTest();
        var tenant = test.Cache.Namespace("t");
        foreach (var length in (int[])[1, 121, 122, 123, 124, 700])
        {
            var key = new string('k', length);
            await tenant.SetAsync(key, length, cancellationToken: Stop);
            Assert.Equal(length, await tenant.GetOrCreateAsync(key, static _ => new ValueTask<int>(-1), cancellationToken: Stop));
            Assert.True(tenant.TryGet(key.AsSpan(), out int found) && found == length);
        }
    }

    [Fact]
    public async Task An_invalid_name_is_refused_and_an_invalid_key_is_not_cached()
    {
        await using var test = new CacheUnderTest(o => o.MaximumKeyLength = 40);
        Assert.Equal("The name is empty. Expected at least one character. (Parameter 'name')", Assert.Throws<ArgumentException>(() => test.Cache.Namespace("")).Message);
        Assert.StartsWith("The tag contains an unpaired surrogate", Assert.Throws<ArgumentException>(() => test.Cache.Namespace("\uD83D")).Message, StringComparison.Ordinal);
        Assert.StartsWith("The tag 'ns:", Assert.Throws<ArgumentException>(() => test.Cache.Namespace(new string('x', 38))).Message, StringComparison.Ordinal);
        var tenant = test.Cache.Namespace("tenant:42");
        Assert.Throws<ArgumentException>(() => tenant.Namespace(null!));
        Assert.Equal("The key is empty. Expected at least one character. (Parameter 'key')", Assert.Throws<ArgumentException>(() => tenant.KeyOf("")).Message);
        var loads = 0;
        foreach (var key in (string[])["", new string('k', 30)])
        {
            for (var read = 0; read < 2; read++)
                await tenant.GetOrCreateAsync(key, _ => new ValueTask<int>(++loads), cancellationToken: Stop);
            await tenant.SetAsync(key, 1, cancellationToken: Stop);
            await tenant.RemoveAsync(key, Stop);
            await tenant.RemoveAsync([key], Stop);
        }

        Assert.Equal((4, 6, 0), (loads, test.Cache.GetStatistics().Uncacheable, test.Cache.GetStatistics().Entries));
    }

    private static async Task<string> ReadAsync(CacheNamespace cache, string way)
    {
        string[] tags = ["own"];
        var options = new UnstaleEntryOptions { Expiration = TimeSpan.FromMinutes(1) };
        var id = "k";
        return way switch
        {
            "HybridCache" => await ((HybridCache)cache).GetOrCreateAsync("k", static _ => new ValueTask<string>("v"), tags: tags, cancellationToken: Stop),
            "HybridCache with options" => await ((HybridCache)cache).GetOrCreateAsync(
                "k", static _ => new ValueTask<string>("v"), new HybridCacheEntryOptions(), tags, Stop),
            "span" => await ((HybridCache)cache).GetOrCreateAsync("a k".AsSpan(2), static _ => new ValueTask<string>("v"), tags: tags, cancellationToken: Stop),
            "options" => await cache.GetOrCreateAsync("k", 0, static (_, _) => new ValueTask<string>("v"), options, tags, Stop),
            "context" => await cache.GetOrCreateAsync("k", static (LoadContext _, CancellationToken _) => new ValueTask<string>("v"), options, tags, Stop),
            "interpolated" => await cache.GetOrCreateAsync($"{id}", static _ => new ValueTask<string>("v"), tags: tags, cancellationToken: Stop),
            _ => (await cache.GetOrCreateResultAsync("k", static (_, _) => new ValueTask<string>("v"), tags: tags, cancellationToken: Stop)).Value,
        };
    }
}
