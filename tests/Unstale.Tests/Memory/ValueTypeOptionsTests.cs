using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Unstale.Loading;
using Unstale.Memory;
using Xunit;

namespace Unstale.Tests.Memory;

/// <summary>Entry options for the values of one type.</summary>
public sealed class ValueTypeOptionsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Key, data type of the call, and the expiration in effect.</summary>
    public static TheoryData<string, string?, int> Precedence => new()
    {
        { "k", null, 10 },
        { "a:k", null, 20 },
        { "a:b:k", null, 30 },
        { "k", "a", 20 },
    };

    [Theory]
    [MemberData(nameof(Precedence))]
    public async Task A_prefix_and_a_data_type_have_precedence_over_the_type_of_the_value(string key, string? dataType, int seconds)
    {
        await using var test = new CacheUnderTest(static o =>
        {
            o.DefaultExpiration = Seconds(5);
            o.AddEntryOptions<string>(Lasts(10));
            o.DataTypes["a"] = Lasts(20);
            o.KeyPrefixes["a:b:"] = Lasts(30);
        });
        Assert.Equal(seconds, await LivesAsync(test, key, "v", dataType is null ? null : new UnstaleEntryOptions { DataType = dataType }));
        Assert.Equal(40, await LivesAsync(test, key, "v", new UnstaleEntryOptions { DataType = dataType, Expiration = Seconds(40) }));
    }

    [Fact]
    public async Task Values_of_another_type_have_the_options_of_the_cache()
    {
        await using var test = new CacheUnderTest(static o =>
        {
            o.DefaultExpiration = Seconds(5);
            o.AddEntryOptions<Shape>(Lasts(10));
            o.AddEntryOptions<int>(Lasts(20));
        });
        Assert.Equal(10, await LivesAsync(test, "k", new Shape()));
        Assert.Equal(5, await LivesAsync(test, "k", new Circle(1)));
        Assert.Equal(20, await LivesAsync(test, "k", 1));
        Assert.Equal(5, await LivesAsync<int?>(test, "k", 1));
        Assert.Equal(5, await LivesAsync(test, "k", 1L));
    }

    [Fact]
    public async Task Every_way_to_store_a_value_uses_the_options_of_its_type()
    {
        await using var test = new CacheUnderTest(static o => o.AddEntryOptions<string>(Lasts(10)));
        var asOf = test.Cache.GetLogState().Positions;
        await test.Cache.SetAsync("asOf", "v", asOf, cancellationToken: Stop);
        await test.Cache.SetAsync("set", "v", cancellationToken: Stop);
        await ((HybridCache)test.Cache).SetAsync("hybrid set", "v", new HybridCacheEntryOptions(), cancellationToken: Stop);
        await test.Cache.WriteThroughAsync("written", "v", 1, cancellationToken: Stop);
        await ((HybridCache)test.Cache).GetOrCreateAsync("hybrid", static _ => new ValueTask<string>("v"), new HybridCacheEntryOptions(), cancellationToken: Stop);
        await test.Cache.GetOrCreateAsync("with context", static (_, _) => new ValueTask<string>("v"), cancellationToken: Stop);
        await test.Cache.GetOrCreateManyAsync(["many"], static (keys, _) => new ValueTask<Dictionary<string, string>>(keys.ToDictionary(static key => key, static _ => "v", StringComparer.Ordinal)), cancellationToken: Stop);
        await test.Cache.Namespace("n").SetAsync("k", "v", cancellationToken: Stop);
        foreach (var key in new[] { "asOf", "set", "hybrid set", "written", "hybrid", "with context", "many", test.Cache.Namespace("n").KeyOf("k") })
            Assert.Equal((key, 10d), (key, test.Cache.Inspect(key)!.ExpiresIn.TotalSeconds));
    }

    [Fact]
    public async Task The_options_of_a_type_may_name_the_data_type_of_its_values()
    {
        await using var test = new CacheUnderTest(static o =>
        {
            o.AddEntryOptions<string>(new() { DataType = "short", Expiration = Seconds(10) });
            o.DataTypes["short"] = Lasts(3);
            o.DataTypes["a"] = Lasts(20);
            o.KeyPrefixes["p"] = new() { DataType = "a" };
        });
        Assert.Equal(3, await LivesAsync(test, "a:k", "v"));
        Assert.Equal(20, await LivesAsync(test, "a:k", 1));
        Assert.Equal(20, await LivesAsync(test, "p", "v"));
        Assert.Equal(10, await LivesAsync(test, "k", "v", new UnstaleEntryOptions { DataType = "unknown" }));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Each_option_of_the_type_applies_where_no_other_sets_it(bool hasPrefixes)
    {
        var options = new UnstaleOptions { MaximumBytes = 1 << 20 };
        if (hasPrefixes)
            options.KeyPrefixes["other"] = Lasts(1);
        options.AddEntryOptions<string>(new()
        {
            Expiration = Seconds(50),
            LocalExpiration = Seconds(40),
            FreshFor = Seconds(30),
            LoadTimeout = Seconds(11),
            WaitTimeout = Seconds(12),
            SoftTimeout = Seconds(13),
            FailSafeFor = Seconds(14),
            FailSafePause = Seconds(15),
            Jitter = Seconds(16),
            LocalSize = 17,
            Priority = CacheItemPriority.High,
            RecordDependencies = false,
            Flags = HybridCacheEntryFlags.DisableLocalCacheRead,
        });
        var flags = HybridCacheEntryFlags.DisableLocalCacheRead | HybridCacheEntryFlags.DisableLocalCacheWrite;
        var expected = new EntryLifetime(50_000, 40_000, 30_000, flags)
        {
            LoadTimeout = 11_000,
            WaitTimeout = 12_000,
            RecordsReads = false,
            Policy = new EntryPolicy(14_000, 15_000, 13_000, 16_000) { LocalSize = 17, Queue = EntryPlace.High },
        };
        var resolver = new EntryOptionsResolver(options);
        Assert.Equal(expected, resolver.Resolve<string>("k", (UnstaleEntryOptions?)null));
        Assert.Equal(expected, resolver.Resolve<string>("k", new UnstaleEntryOptions()));
        Assert.Equal(expected, resolver.Resolve<string>("k", new HybridCacheEntryOptions()));
        Assert.NotEqual(expected, resolver.Resolve<object>("k", (UnstaleEntryOptions?)null));
    }

    [Fact]
    public async Task The_last_options_of_a_type_apply_and_later_changes_do_not_reach_the_cache()
    {
        UnstaleOptions? kept = null;
        await using var test = new CacheUnderTest(o =>
        {
            o.AddEntryOptions<string>(Lasts(10));
            o.AddEntryOptions<string>(Lasts(20));
            kept = o;
        });
        Assert.Equal(20, await LivesAsync(test, "k", "v"));
        kept!.AddEntryOptions<string>(Lasts(30));
        Assert.Equal(20, await LivesAsync(test, "k", "v"));
        Assert.Throws<ArgumentNullException>("options", () => kept.AddEntryOptions<string>(null!));
    }

    [Fact]
    public void Resolving_the_options_of_a_type_allocates_nothing()
    {
        var options = new UnstaleOptions();
        options.AddEntryOptions<string>(Lasts(10));
        var resolver = new EntryOptionsResolver(options);
        var sum = resolver.Resolve<string>("k", (UnstaleEntryOptions?)null).Expiration;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            sum += resolver.Resolve<string>("k", (UnstaleEntryOptions?)null).Expiration;
        Assert.Equal((0, 1_010_000), (GC.GetAllocatedBytesForCurrentThread() - before, sum));
    }

    private static UnstaleEntryOptions Lasts(int seconds) => new() { Expiration = Seconds(seconds) };

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);

    private static async Task<double> LivesAsync<T>(CacheUnderTest test, string key, T value, UnstaleEntryOptions? options = null)
    {
        await test.Cache.RemoveAsync(key, Stop);
        await test.Cache.GetOrCreateAsync(key, _ => new ValueTask<T>(value), options, cancellationToken: Stop);
        return test.Cache.Inspect(key)!.ExpiresIn.TotalSeconds;
    }

    private record Shape;

    private sealed record Circle(int Radius) : Shape;
}
