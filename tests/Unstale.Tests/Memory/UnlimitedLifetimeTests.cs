using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Memory;

/// <summary>Lifetimes of a hundred years, and the longest possible one.</summary>
public sealed class UnlimitedLifetimeTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<TimeSpan> Lives => [TimeSpan.MaxValue, TimeSpan.FromDays(36_525), TimeSpan.FromMilliseconds(uint.MaxValue), TimeSpan.FromMilliseconds(long.MaxValue / TimeSpan.TicksPerMillisecond)];

    [Theory]
    [MemberData(nameof(Lives))]
    public async Task A_value_has_an_unlimited_lifetime_set_by_its_call_default_type_prefix_or_factory(TimeSpan life)
    {
        await using var test = new CacheUnderTest(o =>
        {
            o.DefaultExpiration = life;
            o.DataTypes.Add("type", new UnstaleEntryOptions { Expiration = life, LocalExpiration = life, FreshFor = life });
            o.KeyPrefixes.Add("prefix", new UnstaleEntryOptions { Expiration = life, FreshFor = TimeSpan.FromSeconds(1) });
        });
        var call = new UnstaleEntryOptions { Expiration = life, LocalExpiration = life, FreshFor = life };
        var hybrid = new HybridCacheEntryOptions { Expiration = life, LocalCacheExpiration = life };
        await test.Cache.GetOrCreateAsync("default", static _ => new ValueTask<string>("v"), cancellationToken: Stop);
        await test.Cache.GetOrCreateAsync("type:1", static _ => new ValueTask<string>("v"), cancellationToken: Stop);
        await test.Cache.GetOrCreateAsync("prefix", static _ => new ValueTask<string>("v"), cancellationToken: Stop);
        await test.Cache.GetOrCreateAsync("call", static _ => new ValueTask<string>("v"), call, cancellationToken: Stop);
        await test.Cache.GetOrCreateAsync("hybrid", static _ => new ValueTask<string>("v"), hybrid, cancellationToken: Stop);
        await test.Cache.SetAsync("set", "v", hybrid, cancellationToken: Stop);
        await test.Cache.GetOrCreateAsync("factory", (context, _) =>
        {
            context.Expiration = context.FreshFor = life;
            return new ValueTask<string>("v");
        }, cancellationToken: Stop);
        test.Clock.Advance(TimeSpan.FromMinutes(30));
        test.Sweep();
        foreach (var key in new[] { "default", "type:1", "prefix", "call", "hybrid", "set", "factory" })
        {
            Assert.True(test.Cache.TryGet(key, out string _), key);
            Assert.InRange(test.Cache.Inspect(key)!.ExpiresIn, Counted(life).Subtract(TimeSpan.FromHours(1)) * .999_999, Counted(life));
        }

        await test.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop);
        Assert.False(test.Cache.TryGet("default", out string _));
    }

    [Theory]
    [MemberData(nameof(Lives))]
    public async Task A_value_of_unlimited_lifetime_keeps_its_lifetime_in_the_second_level(TimeSpan life)
    {
        await using var cluster = new TestCluster(2, o => o.DefaultExpiration = life);
        var source = new Source();
        await cluster.A.ReadAsync("k", source, null, "t");
        await Eventually.Holds("it is on the server", () => cluster.Server.Read(data => data.Values.Count == 1));
        cluster.Advance(30);
        Assert.Equal(CacheOutcome.Remote, (await cluster.B.ReadAsync("k", source, null, "t")).Outcome);
        Assert.True(cluster.B.Holds("k"));
        Assert.InRange(cluster.B.Cache.Inspect("k")!.ExpiresIn, Counted(life).Subtract(TimeSpan.FromHours(1)) * .999_999, Counted(life));
    }

    /// <summary>Limits a lifetime to a hundred years.</summary>
    private static TimeSpan Counted(TimeSpan life) => life < TimeSpan.FromDays(36_525) ? life : TimeSpan.FromDays(36_525);
}
