using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Loading;
using Unstale.Memory;
using Xunit;

namespace Unstale.Tests.Memory;

/// <summary>Precedence of options for each field, and limits of their ranges.</summary>
public sealed class EntryBoundaryTests
{
    private const HybridCacheEntryFlags NoLocalRead = HybridCacheEntryFlags.DisableLocalCacheRead;
    private const HybridCacheEntryFlags NoLocalWrite = HybridCacheEntryFlags.DisableLocalCacheWrite;
    private const HybridCacheEntryFlags NoCompression = HybridCacheEntryFlags.DisableCompression;

    [Fact]
    public void A_different_key_with_the_same_hash_is_not_found()
    {
        var table = new EntryTable();
        var entry = Entries.Entry("a");
        table.Add_NeedsLock(entry);
        Assert.Same(entry, table.Find("a", entry.Hash));
        Assert.Null(table.Find("b", entry.Hash));
    }

    [Fact]
    public void A_table_grows_when_it_has_as_many_entries_as_buckets()
    {
        var table = new EntryTable();
        for (var i = 0; i < 64; i++)
            table.Add_NeedsLock(Entries.Entry($"key:{i}"));
        Assert.Equal(64, table.Buckets);
        table.Prepare();
        table.Add_NeedsLock(Entries.Entry("one more"));
        Assert.Equal(128, table.Buckets);
    }

    [Fact]
    public void A_shortened_lifetime_reduces_each_of_its_times_by_the_same_fraction()
    {
        var life = new EntryLifetime(1_000, 500, 200, NoCompression).Shortened(.1);
        Assert.Equal(new EntryLifetime(900, 450, 180, NoCompression), life);
    }

    [Theory]
    [InlineData(0, HybridCacheEntryFlags.None, false)]
    [InlineData(1, HybridCacheEntryFlags.None, true)]
    [InlineData(1, HybridCacheEntryFlags.DisableDistributedCacheWrite, false)]
    public void A_zero_lifetime_or_a_disabled_remote_write_keeps_a_value_out_of_the_second_level(long expiration, HybridCacheEntryFlags flags, bool isKept) =>
        Assert.Equal(isKept, new EntryLifetime(expiration, expiration, expiration, flags).KeepsRemotely);

    [Theory]
    [InlineData(true, true, true, true, 1)]
    [InlineData(false, true, true, true, 2)]
    [InlineData(false, false, true, true, 3)]
    [InlineData(false, false, false, true, 4)]
    [InlineData(false, false, false, false, 0)]
    public void A_timeout_is_taken_from_the_call_the_prefix_the_type_or_the_cache_in_this_order(bool call, bool prefix, bool type, bool cache, int seconds)
    {
        static TimeSpan? Limit(bool isSet, int seconds) => isSet ? TimeSpan.FromSeconds(seconds) : null;
        static UnstaleEntryOptions Entry(TimeSpan? limit) => new() { LoadTimeout = limit, WaitTimeout = limit * 10 };
        var options = new UnstaleOptions { LoadTimeout = Limit(cache, 4), WaitTimeout = Limit(cache, 4) * 10 };
        options.KeyPrefixes["user:"] = Entry(Limit(prefix, 2));
        options.DataTypes["user"] = Entry(Limit(type, 3));
        var life = new EntryOptionsResolver(options).Resolve<string>("user:1", Entry(Limit(call, 1)));
        Assert.Equal((seconds * 1_000, seconds * 10_000), (life.LoadTimeout, life.WaitTimeout));
    }

    [Theory]
    [InlineData(NoCompression, NoLocalWrite, NoLocalRead, NoCompression)]
    [InlineData(null, NoLocalWrite, NoCompression, NoLocalWrite)]
    [InlineData(null, null, NoCompression, NoCompression)]
    [InlineData(null, null, NoLocalRead, NoLocalRead | NoLocalWrite)]
    [InlineData(null, NoLocalRead | NoCompression, null, NoLocalRead | NoLocalWrite | NoCompression)]
    [InlineData(NoLocalRead, NoCompression, null, NoLocalRead)]
    [InlineData(null, null, null, HybridCacheEntryFlags.None)]
    public void Flags_are_taken_from_the_call_the_prefix_or_the_type_in_this_order(
        HybridCacheEntryFlags? call, HybridCacheEntryFlags? prefix, HybridCacheEntryFlags? type, HybridCacheEntryFlags expected)
    {
        var options = new UnstaleOptions();
        options.KeyPrefixes["user:"] = new() { Flags = prefix };
        options.DataTypes["user"] = new() { Flags = type };
        Assert.Equal(expected, new EntryOptionsResolver(options).Resolve<string>("user:1", new UnstaleEntryOptions { Flags = call }).Flags);
    }

    [Theory]
    [InlineData(10_000, true)]
    [InlineData(9_999, false)]
    [InlineData(TimeSpan.TicksPerDay, true)]
    [InlineData(TimeSpan.TicksPerDay + 1, false)]
    [InlineData(-10_000, true)]
    [InlineData(0, false)]
    public void A_timeout_is_between_a_millisecond_and_a_day_or_infinite(long ticks, bool isLimit) => Assert.Equal(isLimit, EntryOptionsResolver.IsTimeout(new TimeSpan(ticks)));

    [Fact]
    public void A_key_that_begins_with_a_colon_has_the_type_without_a_name()
    {
        var options = new UnstaleOptions();
        options.DataTypes[""] = new() { Expiration = TimeSpan.FromSeconds(7) };
        var policy = new EntryOptionsResolver(options);
        Assert.Equal(7_000, policy.Resolve<string>(":1", (UnstaleEntryOptions?)null).Expiration);
        Assert.Equal(300_000, policy.Resolve<string>("1", (UnstaleEntryOptions?)null).Expiration);
    }
}
