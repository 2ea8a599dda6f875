using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Xunit;

namespace Unstale.Tests.Hosting;

public sealed class OptionsTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Refusals => [.. AllRefusals.Keys];

    private static Dictionary<string, Action<UnstaleOptions>> AllRefusals { get; } = new(StringComparer.Ordinal)
    {
        ["Log is empty. Set the name of the invalidation log, or keep the default."] = static o => o.Log = " ",
        ["Log contains an unpaired surrogate at index 4, which UTF-8 cannot represent: different names would be equal in other processes. Split text between whole characters."] = static o => o.Log = "shop\uD83D",
        ["MaximumEntries is 0; it must be from 1 to 100000000."] = static o => o.MaximumEntries = 0,
        ["MaximumEntries is 100000001; it must be from 1 to 100000000."] = static o => o.MaximumEntries = 100_000_001,
        ["MaximumKeyLength is 15; it must be from 16 to 65536."] = static o => o.MaximumKeyLength = 15,
        ["MaximumKeyLength is 65537; it must be from 16 to 65536."] = static o => o.MaximumKeyLength = 65_537,
        ["MaximumPayloadBytes is 0; it must be from 1 to 2147483647."] = static o => o.MaximumPayloadBytes = 0,
        ["MaximumPayloadBytes is 2147483648; it must be from 1 to 2147483647."] = static o => o.MaximumPayloadBytes = 1L << 31,
        ["DefaultEntryOptions.Expiration is 00:00:00; it must be above zero."] = static o => o.DefaultEntryOptions = new() { Expiration = TimeSpan.Zero },
        ["DefaultEntryOptions.LocalCacheExpiration is -00:00:01; it must be at least 00:00:00."] = static o => o.DefaultEntryOptions = new() { LocalCacheExpiration = -Second },
        ["FailSafeFor is 46.00:00:00; it must be from 00:00:00 to 45.00:00:00."] = static o => o.FailSafeFor = TimeSpan.FromDays(46),
        ["FailSafePause is -00:00:01; it must be from 00:00:00 to 1.00:00:00."] = static o => o.FailSafePause = -Second,
        ["SoftTimeout is 00:00:00; it must be from 00:00:00.0010000 to 1.00:00:00."] = static o => o.SoftTimeout = TimeSpan.Zero,
        ["Jitter is -00:00:01; it must be from 00:00:00 to 1.00:00:00."] = static o => o.Jitter = -Second,
        ["DataTypes[a].FailSafeFor is -00:00:01; it must be from 00:00:00 to 45.00:00:00."] = static o => o.DataTypes["a"] = new() { FailSafeFor = -Second },
        ["MaximumDependencies is 0; it must be from 1 to 3000."] = static o => o.MaximumDependencies = 0,
        ["MaximumDependencies is 3001; it must be from 1 to 3000."] = static o => o.MaximumDependencies = 3001,
        ["RecentRemovals is 100001; it must be from 0 to 100000."] = static o => o.RecentRemovals = 100_001,
        ["ChangeGuard has no limit. Set MaximumEntries or MaximumDepth, or set ChangeGuard to null."] = static o => o.ChangeGuard = new(),
        ["ChangeGuard.MaximumEntries is -1; it must be from 0 to 2147483647."] = static o => o.ChangeGuard = new() { MaximumEntries = -1 },
        ["ChangeGuard.MaximumDepth is -2; it must be from 0 to 2147483647."] = static o => o.ChangeGuard = new() { MaximumDepth = -2 },
        ["ChangeGuard.WhenExceeded is 2; it must be one of Warn, Refuse."] = static o => o.ChangeGuard = new() { MaximumDepth = 1, WhenExceeded = (ChangeGuardAction)2 },
        ["MaximumUntrustedLoads is 0; it must be from 1 to 100000."] = static o => o.MaximumUntrustedLoads = 0,
        ["UntrustedLoadsWaiting is -1; it must be from 0 to 10000000."] = static o => o.UntrustedLoadsWaiting = -1,
        ["LoadLimit.MaximumLoads is 0; it must be from 1 to 100000."] = static o => o.LoadLimit = new() { MaximumLoads = 0 },
        ["LoadLimit.MaximumWaiting is -1; it must be from 0 to 10000000."] = static o => o.LoadLimit = new() { MaximumLoads = 1, MaximumWaiting = -1 },
        ["PrefixLoadLimits[a:].MaximumLoads is 100001; it must be from 1 to 100000."] = static o => o.PrefixLoadLimits["a:"] = new() { MaximumLoads = 100_001 },
        ["PrefixLoadLimits[a:].SlotTimeout is 00:00:00; it must be from 00:00:00.0010000 to 1.00:00:00."] =
            static o => o.PrefixLoadLimits["a:"] = new() { MaximumLoads = 1, SlotTimeout = TimeSpan.Zero },
        ["DefaultExpiration is 00:00:00; it must be above zero."] = static o => o.DefaultExpiration = TimeSpan.Zero,
        ["WhenNotTrusted is 7; it must be one of FromSource, Serve, Throw."] = static o => o.WhenNotTrusted = (UntrustedReadBehavior)7,
        ["WhenNotTrusted is Serve and ServeUntrustedFor is 00:00:00. Set ServeUntrustedFor above zero and to at most one day, or set WhenNotTrusted to another value."] =
            static o => o.WhenNotTrusted = UntrustedReadBehavior.Serve,
        ["ServeUntrustedFor is 00:00:01 and WhenNotTrusted is FromSource, which never serves unconfirmed values. Set WhenNotTrusted to Serve, or ServeUntrustedFor to zero."] =
            static o => o.ServeUntrustedFor = Second,
        ["ServeUntrustedFor is 00:00:01 and WhenNotTrusted is Throw, which never serves unconfirmed values. Set WhenNotTrusted to Serve, or ServeUntrustedFor to zero."] =
            static o => (o.WhenNotTrusted, o.ServeUntrustedFor) = (UntrustedReadBehavior.Throw, Second),
        ["LoadTimeout is 00:00:00; it must be from 00:00:00.0010000 to 1.00:00:00."] = static o => o.LoadTimeout = TimeSpan.Zero,
        ["WaitTimeout is 2.00:00:00; it must be from 00:00:00.0010000 to 1.00:00:00."] = static o => o.WaitTimeout = TimeSpan.FromDays(2),
        ["DataTypes[a].LoadTimeout is -00:00:01; it must be from 00:00:00.0010000 to 1.00:00:00."] = static o => o.DataTypes["a"] = new() { LoadTimeout = -Second },
        ["KeyPrefixes[a:].WaitTimeout is 00:00:00; it must be from 00:00:00.0010000 to 1.00:00:00."] = static o => o.KeyPrefixes["a:"] = new() { WaitTimeout = TimeSpan.Zero },
        ["DataTypes[a].Expiration is 00:00:00; it must be above zero."] = static o => o.DataTypes["a"] = new() { Expiration = TimeSpan.Zero },
        ["DataTypes[a].FreshFor is -00:00:01; it must be at least 00:00:00."] = static o => o.DataTypes["a"] = new() { FreshFor = -Second },
        ["KeyPrefixes[a:].LocalExpiration is -00:00:01; it must be at least 00:00:00."] = static o => o.KeyPrefixes["a:"] = new() { LocalExpiration = -Second },
        ["KeyPrefixes[a:]: LocalExpiration (00:00:02) is above Expiration (00:00:01). Lower LocalExpiration or raise Expiration."] =
            static o => o.KeyPrefixes["a:"] = new() { LocalExpiration = 2 * Second, Expiration = Second },
        ["DataTypes[a]: FreshFor (00:00:02) is above Expiration (00:00:01). Lower FreshFor or raise Expiration."] =
            static o => o.DataTypes["a"] = new() { FreshFor = 2 * Second, Expiration = Second },
        ["AddEntryOptions<System.String>.LoadTimeout is 00:00:00; it must be from 00:00:00.0010000 to 1.00:00:00."] = static o => o.AddEntryOptions<string>(new() { LoadTimeout = TimeSpan.Zero }),
    };

    [Fact]
    public void Cache_options_have_the_documented_defaults()
    {
        var options = new UnstaleOptions();
        Assert.Equal(("default", 100_000, 1_024, 1_048_576), (options.Log, options.MaximumEntries, options.MaximumKeyLength, options.MaximumPayloadBytes));
        Assert.Equal(TimeSpan.FromMinutes(5), options.DefaultExpiration);
        Assert.Equal((32, 1_024), (options.MaximumUntrustedLoads, options.UntrustedLoadsWaiting));
        Assert.Equal((null, 0), (options.LoadLimit, options.PrefixLoadLimits.Count));
        var limit = new LoadLimit { MaximumLoads = 1 };
        Assert.Equal((1_024, TimeSpan.FromSeconds(10)), (limit.MaximumWaiting, limit.SlotTimeout));
        Assert.Equal((UntrustedReadBehavior.FromSource, TimeSpan.Zero), (options.WhenNotTrusted, options.ServeUntrustedFor));
        Assert.Equal((true, 500), (options.RecordDependencies, options.MaximumDependencies));
        Assert.Equal(TimeSpan.FromMilliseconds(100), options.BatchDelay);
        Assert.Equal<(TimeSpan?, TimeSpan?)>((null, null), (options.LoadTimeout, options.WaitTimeout));
        Assert.Equal((4_096, null), (options.RecentRemovals, options.ChangeGuard));
        Assert.Empty(options.DataTypes);
        Assert.Empty(options.KeyPrefixes);
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Unusable_cache_options_are_refused_when_the_host_starts(string message)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddUnstale("shop", AllRefusals[message]);
        using var host = builder.Build();
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Stop));
        Assert.Equal($"Cache 'shop': {message}", refused.Message);
    }

    [Fact]
    public void Without_a_host_invalid_options_are_refused_at_the_construction_of_the_cache()
    {
        using var services = new ServiceCollection().AddUnstale(o =>
        {
            o.MaximumEntries = 0;
            o.Log = "";
        }).Services.BuildServiceProvider();
        var refused = Assert.Throws<OptionsValidationException>(services.GetRequiredService<UnstaleCache>);
        Assert.Equal(2, refused.Failures.Count());
        Assert.All(refused.Failures, f => Assert.StartsWith("Cache 'default': ", f, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Options_at_their_limits_are_accepted()
    {
        await using var test = new CacheUnderTest(o =>
        {
            o.MaximumEntries = 1;
            o.MaximumKeyLength = 16;
            o.MaximumPayloadBytes = 1;
            o.UntrustedLoadsWaiting = 0;
            o.LoadLimit = new() { MaximumLoads = 1, MaximumWaiting = 0, SlotTimeout = Timeout.InfiniteTimeSpan };
            (o.LoadTimeout, o.WaitTimeout) = (TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
            (o.WhenNotTrusted, o.ServeUntrustedFor) = (UntrustedReadBehavior.Serve, TimeSpan.FromDays(1));
            o.DataTypes["a"] = new() { Expiration = Second, LocalExpiration = Second, FreshFor = Second };
            o.KeyPrefixes["b"] = new() { LocalExpiration = TimeSpan.Zero, FreshFor = TimeSpan.Zero };
        });
        await test.Cache.SetAsync(new string('k', 16), 1, cancellationToken: Stop);
        Assert.Equal(1, test.Cache.GetStatistics().Entries);
    }
}
