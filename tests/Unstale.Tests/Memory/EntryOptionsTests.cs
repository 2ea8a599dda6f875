using Microsoft.Extensions.Caching.Hybrid;
using Xunit;

namespace Unstale.Tests.Memory;

/// <summary>Lifetime of an entry by the call, the key's prefix, its data type and the cache.</summary>
public sealed class EntryOptionsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_value_lives_for_five_minutes_by_default()
    {
        await using var test = new CacheUnderTest();
        Assert.Equal((300, 300), await LivesAsync(test, "k"));
        test.Clock.Advance(TimeSpan.FromMilliseconds(299_999));
        Assert.Equal(EntryState.Live, test.Cache.Inspect("k")!.State);
        test.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(test.Cache.TryGet("k", out string _));
    }

    [Theory]
    [InlineData("user_profile:1", 3600)]
    [InlineData("product_list", 300)]
    [InlineData("stock_count:7:9", 30)]
    [InlineData("feature_flags:x", 60)]
    [InlineData("feature_flagsx:x", 300)]
    [InlineData("Feature_flags:x", 300)]
    [InlineData("anything:else", 300)]
    public async Task The_data_type_of_a_key_is_the_text_before_the_first_colon(string key, int seconds)
    {
        await using var test = new CacheUnderTest(Types);
        Assert.Equal(seconds, (await LivesAsync(test, key)).Expires);
    }

    [Fact]
    public async Task A_call_may_name_the_data_type()
    {
        await using var test = new CacheUnderTest(Types);
        Assert.Equal((30, 30), await LivesAsync(test, "user_profile:1", new UnstaleEntryOptions { DataType = "stock_count" }));
        Assert.Equal((300, 300), await LivesAsync(test, "user_profile:1", new UnstaleEntryOptions { DataType = "unknown" }));
    }

    [Fact]
    public async Task Of_several_prefixes_the_longest_wins_and_each_wins_over_the_data_type()
    {
        await using var test = new CacheUnderTest(o =>
        {
            Types(o);
            o.KeyPrefixes["user"] = Lasts(1);
            o.KeyPrefixes["user_profile:vip:"] = Lasts(2);
            o.KeyPrefixes["user_profile:"] = Lasts(3);
        });
        Assert.Equal(1, (await LivesAsync(test, "users")).Expires);
        Assert.Equal(3, (await LivesAsync(test, "user_profile:1")).Expires);
        Assert.Equal(2, (await LivesAsync(test, "user_profile:vip:1")).Expires);
        Assert.Equal(300, (await LivesAsync(test, "User")).Expires);
    }

    [Fact]
    public async Task Each_option_is_taken_from_the_most_specific_level_that_sets_it()
    {
        await using var test = new CacheUnderTest(o =>
        {
            o.DataTypes["page"] = new() { Expiration = Seconds(100), LocalExpiration = Seconds(50), FreshFor = Seconds(10) };
            o.DataTypes["other"] = new() { FreshFor = Seconds(5) };
            o.KeyPrefixes["page:a"] = new() { LocalExpiration = Seconds(40) };
            o.KeyPrefixes["page:b"] = new() { DataType = "other" };
        });
        Assert.Equal((50, 10), await LivesAsync(test, "page:1"));
        Assert.Equal((40, 10), await LivesAsync(test, "page:a"));
        Assert.Equal((300, 5), await LivesAsync(test, "page:b"));
        Assert.Equal((50, 20), await LivesAsync(test, "page:1", new UnstaleEntryOptions { FreshFor = Seconds(20) }));
        Assert.Equal((45, 10), await LivesAsync(test, "page:1", new UnstaleEntryOptions { LocalExpiration = Seconds(45) }));
    }

    [Fact]
    public async Task Callers_of_the_HybridCache_API_get_the_options_of_prefix_and_data_type()
    {
        await using var test = new CacheUnderTest(o =>
        {
            o.DataTypes["page"] = new() { Expiration = Seconds(100), FreshFor = Seconds(10) };
            o.KeyPrefixes["page:short"] = new() { LocalExpiration = Seconds(30) };
        });
        Assert.Equal((100, 10), await HybridLivesAsync(test, "page:1", null));
        Assert.Equal((100, 10), await HybridLivesAsync(test, "page:1", new HybridCacheEntryOptions()));
        Assert.Equal((200, 10), await HybridLivesAsync(test, "page:1", new HybridCacheEntryOptions { Expiration = Seconds(200) }));
        Assert.Equal((70, 10), await HybridLivesAsync(test, "page:1", new HybridCacheEntryOptions { LocalCacheExpiration = Seconds(70) }));
        Assert.Equal((5, 5), await HybridLivesAsync(test, "page:1", new HybridCacheEntryOptions { Expiration = Seconds(5) }));
        Assert.Equal((30, 10), await HybridLivesAsync(test, "page:short", new HybridCacheEntryOptions { Expiration = Seconds(200) }));
    }

    [Fact]
    public async Task Contradictory_lifetimes_in_one_call_are_clamped()
    {
        await using var test = new CacheUnderTest();
        Assert.Equal((10, 10), await LivesAsync(test, "k", new UnstaleEntryOptions { Expiration = Seconds(10), LocalExpiration = Seconds(20), FreshFor = Seconds(30) }));
        Assert.Equal((7, 7), await LivesAsync(test, "k", new UnstaleEntryOptions { Expiration = Seconds(10), LocalExpiration = Seconds(7), FreshFor = Seconds(8) }));
        Assert.Equal((10, 10), await HybridLivesAsync(test, "k", new HybridCacheEntryOptions { Expiration = Seconds(10), LocalCacheExpiration = Seconds(20) }));
        Assert.Equal((10, 0), await LivesAsync(test, "k", new UnstaleEntryOptions { Expiration = Seconds(10), FreshFor = Seconds(-1) }));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-5, -5)]
    [InlineData(10, 0)]
    public async Task A_value_with_a_zero_or_negative_lifetime_is_returned_and_not_stored(int expiration, int local)
    {
        await using var test = new CacheUnderTest();
        var options = new UnstaleEntryOptions { Expiration = Seconds(expiration), LocalExpiration = Seconds(local) };
        Assert.Equal("v", await test.Cache.GetOrCreateAsync("k", static _ => new ValueTask<string>("v"), options, cancellationToken: Stop));
        Assert.Null(test.Cache.Inspect("k"));
        await test.Cache.SetAsync("k", "v", options, cancellationToken: Stop);
        Assert.Null(test.Cache.Inspect("k"));
    }

    [Fact]
    public async Task The_longest_life_does_not_overflow()
    {
        await using var test = new CacheUnderTest();
        await test.Cache.SetAsync("k", "v", new UnstaleEntryOptions { Expiration = TimeSpan.MaxValue }, cancellationToken: Stop);
        test.Clock.Advance(TimeSpan.FromDays(1));
        Assert.True(test.Cache.TryGet("k", out string _));
        Assert.InRange(test.Cache.Inspect("k")!.ExpiresIn, TimeSpan.FromDays(36_500), TimeSpan.FromDays(36_525)); // a hundred years at most
    }

    [Fact]
    public async Task A_value_that_was_set_lives_by_the_same_options()
    {
        await using var test = new CacheUnderTest(Types);
        await test.Cache.SetAsync("stock_count:1", "v", cancellationToken: Stop);
        Assert.Equal(30, test.Cache.Inspect("stock_count:1")!.ExpiresIn.TotalSeconds);
        await test.Cache.SetAsync("stock_count:1", "v", new HybridCacheEntryOptions { Expiration = Seconds(4) }, cancellationToken: Stop);
        Assert.Equal(4, test.Cache.Inspect("stock_count:1")!.ExpiresIn.TotalSeconds);
        await test.Cache.SetAsync("stock_count:1", "v", new UnstaleEntryOptions { FreshFor = Seconds(9) }, cancellationToken: Stop);
        Assert.Equal(9, test.Cache.Inspect("stock_count:1")!.FreshIn.TotalSeconds);
    }

    [Fact]
    public async Task Expired_entries_are_reclaimed_without_being_read()
    {
        await using var test = new CacheUnderTest();
        for (var i = 0; i < 100; i++)
            await test.Cache.SetAsync($"k{i}", "v", Lasts(i < 60 ? 10 : 1_000), cancellationToken: Stop);
        test.Clock.Advance(TimeSpan.FromSeconds(61));
        var statistics = test.Cache.GetStatistics();
        Assert.Equal((40, 60), (statistics.Entries, statistics.EvictedForAge));
    }

    private static void Types(UnstaleOptions options)
    {
        options.DataTypes["user_profile"] = Lasts(3600);
        options.DataTypes["product_list"] = Lasts(300);
        options.DataTypes["stock_count"] = Lasts(30);
        options.DataTypes["feature_flags"] = Lasts(60);
    }

    private static UnstaleEntryOptions Lasts(int seconds) => new() { Expiration = Seconds(seconds) };

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);

    private static async Task<(double Expires, double Fresh)> LivesAsync(CacheUnderTest test, string key, UnstaleEntryOptions? options = null)
    {
        await test.Cache.RemoveAsync(key, Stop);
        await test.Cache.GetOrCreateAsync(key, static _ => new ValueTask<string>("v"), options, cancellationToken: Stop);
        return LivesOf(test, key);
    }

    private static async Task<(double Expires, double Fresh)> HybridLivesAsync(CacheUnderTest test, string key, HybridCacheEntryOptions? options)
    {
        HybridCache cache = test.Cache;
        await cache.RemoveAsync(key, Stop);
        await cache.GetOrCreateAsync(key, static _ => new ValueTask<string>("v"), options, cancellationToken: Stop);
        return LivesOf(test, key);
    }

    private static (double Expires, double Fresh) LivesOf(CacheUnderTest test, string key)
    {
        var info = test.Cache.Inspect(key)!;
        return (info.ExpiresIn.TotalSeconds, info.FreshIn.TotalSeconds);
    }
}
