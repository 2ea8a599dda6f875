using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Unstale.Hosting;
using Xunit;

namespace Unstale.Tests.Hosting;

/// <summary>Options from a section of the configuration.</summary>
public sealed class OptionsConfigurationTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Wrong => new()
    {
        { """{ "DataTypes": { "a": "soon" } }""", "DataTypes:a': 'soon' is not a duration. Expected a number of seconds, such as 300, or hours, minutes and seconds, such as 00:05:00." },
        { """{ "DataTypes": { "a": { "Expiration": "5 min" } } }""", "DataTypes:a:Expiration': '5 min' is not a duration. Expected a number of seconds, such as 300, or hours, minutes and seconds, such as 00:05:00." },
        { """{ "DataTypes": { "a": { "Expires": 5 } } }""", "DataTypes:a:Expires': The key is unknown. Known keys are Expiration, LocalExpiration, FreshFor, LoadTimeout, WaitTimeout, SoftTimeout, FailSafeFor, FailSafePause, Jitter, LocalSize, Priority, RecordDependencies, Flags." },
        { """{ "DataTypes": { "a": { "Flags": ["None", "Fast"] } } }""", "DataTypes:a:Flags:1': 'Fast' is not one of None, DisableLocalCacheRead, DisableLocalCacheWrite, DisableLocalCache, DisableDistributedCacheRead, DisableDistributedCacheWrite, DisableDistributedCache, DisableUnderlyingData, DisableCompression." },
        { """{ "DataTypes": 300 }""", "DataTypes': Expected a list of objects but found a string." },
        { """{ "KeyPrefixes": [{ "Expiration": 5 }] }""", "KeyPrefixes:0:Prefix': Expected a string but found nothing." },
        { """{ "KeyPrefixes": [{ "Prefix": "a", "RecordDependencies": "no" }] }""", "KeyPrefixes:0:RecordDependencies': 'no' is neither true nor false." },
        { """{ "KeyPrefixes": ["a"] }""", "KeyPrefixes:0': Expected an object with some of the keys Prefix, DataType, Expiration, LocalExpiration, FreshFor, LoadTimeout, WaitTimeout, SoftTimeout, FailSafeFor, FailSafePause, Jitter, LocalSize, Priority, RecordDependencies, Flags but found a string." },
        { """{ "LoadLimit": { "MaximumWaiting": 5 } }""", "LoadLimit:MaximumLoads': Expected a number but found nothing." },
        { """{ "PrefixLoadLimits": [{ "MaximumLoads": 5 }] }""", "PrefixLoadLimits:0:Prefix': Expected a string but found nothing." },
        { """{ "LoadLimit": { "Prefix": "a" } }""", "LoadLimit:Prefix': The key is unknown. Known keys are MaximumLoads, MaximumWaiting, SlotTimeout." },
        { """{ "MaximumEntries": "many" }""", "MaximumEntries': 'many' is not a whole number." },
        { """{ "MaximumBytes": "64 MB" }""", "MaximumBytes': '64 MB' is not a whole number." },
        { """{ "DataTypes": { "a": { "Priority": "Highest" } } }""", "DataTypes:a:Priority': 'Highest' is not one of Low, Normal, High, NeverRemove." },
        { """{ "WhenNotTrusted": "Sometimes" }""", "WhenNotTrusted': 'Sometimes' is not one of FromSource, Serve, Throw." },
        { """{ "BatchDelay": 1e3 }""", "BatchDelay': '1e3' is not a duration. Expected a number of seconds, such as 300, or hours, minutes and seconds, such as 00:05:00." },
        { """{ "BatchDelay": 99999999999 }""", "BatchDelay': '99999999999' is not a duration. Expected a number of seconds, such as 300, or hours, minutes and seconds, such as 00:05:00." },
    };

    [Fact]
    public void Every_option_but_code_can_be_set_in_the_configuration() => Assert.Equal(
        typeof(UnstaleOptions).GetProperties().Where(static property => !property.PropertyType.IsAssignableTo(typeof(Delegate))).Select(static property => property.Name).Order(StringComparer.Ordinal),
        OptionsReader.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("300", 300)]
    [InlineData("0.5", 0.5)]
    [InlineData("00:05:00", 300)]
    [InlineData("1.00:00:01", 86_401)]
    public async Task A_time_is_configured_in_seconds_or_in_the_format_of_TimeSpan(string text, double seconds)
    {
        await using var test = With($$"""{ "DataTypes": { "a": "{{text}}", "b": { "Expiration": "{{text}}" } } }""");
        foreach (var key in (string[])["a:1", "b:1"])
        {
            await test.Cache.SetAsync(key, 1, cancellationToken: Stop);
            Assert.Equal(TimeSpan.FromSeconds(seconds), test.Cache.Inspect(key)!.ExpiresIn);
        }
    }

    [Fact]
    public async Task Options_from_the_configuration_equal_options_set_in_code()
    {
        await using var test = With("""
            { "Log": "shop", "ContentVersion": 3, "defaultExpiration": 60, "MaximumEntries": 7, "MaximumBytes": 5000000000, "MaximumKeyLength": 99, "MaximumPayloadBytes": 1000, "DisableCompression": true, "ReportTagMetrics": true,
              "DefaultEntryOptions": { "Expiration": 16, "LocalCacheExpiration": 17, "Flags": "DisableLocalCacheRead" },
              "WhenNotTrusted": "serve", "ServeUntrustedFor": 4, "MaximumUntrustedLoads": 5, "UntrustedLoadsWaiting": 6, "RecordDependencies": false, "MaximumDependencies": 11,
              "BatchDelay": 0.2, "ReplicationLag": 12, "LoadTimeout": 14, "WaitTimeout": 15, "FailSafeFor": 18, "FailSafePause": 19, "SoftTimeout": 21, "Jitter": 22, "RecentRemovals": 13,
              "LoadLimit": { "MaximumLoads": 23, "MaximumWaiting": 24, "SlotTimeout": 25 }, "PrefixLoadLimits": [{ "Prefix": "rates:", "MaximumLoads": 26 }],
              "ChangeGuard": { "MaximumEntries": 100, "WhenExceeded": "Refuse" }, "Rules": [],
              "KeyPrefixes": [{ "Prefix": "query_cache:", "DataType": "x", "Expiration": 20, "LocalExpiration": 10, "FreshFor": 5, "RecordDependencies": true, "LocalSize": 30, "Priority": "high", "LoadTimeout": 2, "WaitTimeout": 0.5,
                                "Flags": ["DisableCompression", "DisableLocalCacheRead"] }] }
            """);
        var options = test.Services.GetRequiredService<IOptionsMonitor<UnstaleOptions>>().Get("default");
        Assert.Equal(("shop", 3, TimeSpan.FromMinutes(1), 7, 99, 1000), (options.Log, options.ContentVersion, options.DefaultExpiration, options.MaximumEntries, options.MaximumKeyLength, options.MaximumPayloadBytes));
        Assert.Equal((true, true), (options.DisableCompression, options.ReportTagMetrics));
        var defaults = options.DefaultEntryOptions!;
        Assert.Equal((16, 17, HybridCacheEntryFlags.DisableLocalCacheRead), (defaults.Expiration!.Value.TotalSeconds, defaults.LocalCacheExpiration!.Value.TotalSeconds, defaults.Flags));
        Assert.Equal((UntrustedReadBehavior.Serve, 4), (options.WhenNotTrusted, options.ServeUntrustedFor.TotalSeconds));
        Assert.Equal((5, 6), (options.MaximumUntrustedLoads, options.UntrustedLoadsWaiting));
        Assert.Equal((false, 11, 200, 12), (options.RecordDependencies, options.MaximumDependencies, options.BatchDelay.TotalMilliseconds, options.ReplicationLag.TotalSeconds));
        Assert.Equal((13, 100, null, ChangeGuardAction.Refuse), (options.RecentRemovals, options.ChangeGuard!.MaximumEntries, options.ChangeGuard.MaximumDepth, options.ChangeGuard.WhenExceeded));
        Assert.Equal((18, 19, 21, 22), (options.FailSafeFor!.Value.TotalSeconds, options.FailSafePause.TotalSeconds, options.SoftTimeout!.Value.TotalSeconds, options.Jitter!.Value.TotalSeconds));
        Assert.Equal((14, 15), (options.LoadTimeout!.Value.TotalSeconds, options.WaitTimeout!.Value.TotalSeconds));
        Assert.Equal((23, 24, 25), (options.LoadLimit!.MaximumLoads, options.LoadLimit.MaximumWaiting, options.LoadLimit.SlotTimeout.TotalSeconds));
        var (limited, limit) = Assert.Single(options.PrefixLoadLimits);
        Assert.Equal(("rates:", 26, 1024, 10), (limited, limit.MaximumLoads, limit.MaximumWaiting, limit.SlotTimeout.TotalSeconds));
        var (prefix, entry) = Assert.Single(options.KeyPrefixes);
        Assert.Equal((2, .5), (entry.LoadTimeout!.Value.TotalSeconds, entry.WaitTimeout!.Value.TotalSeconds));
        Assert.Equal(("query_cache:", "x", 20, 10, 5, true), (prefix, entry.DataType, entry.Expiration!.Value.TotalSeconds, entry.LocalExpiration!.Value.TotalSeconds, entry.FreshFor!.Value.TotalSeconds, entry.RecordDependencies));
        Assert.Equal((5_000_000_000, 30, CacheItemPriority.High), (options.MaximumBytes, entry.LocalSize, entry.Priority));
        Assert.Equal(HybridCacheEntryFlags.DisableCompression | HybridCacheEntryFlags.DisableLocalCacheRead, entry.Flags);
    }

    [Fact]
    public void Code_overrides_the_section_and_options_set_by_neither_keep_their_defaults()
    {
        using var services = new ServiceCollection().AddUnstale(Section("""{ "MaximumEntries": 7, "Log": "shop" }"""), o => o.MaximumEntries++).Services.BuildServiceProvider();
        var options = services.GetRequiredService<IOptionsMonitor<UnstaleOptions>>().Get("default");
        Assert.Equal((8, "shop", 1024), (options.MaximumEntries, options.Log, options.MaximumKeyLength));
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task An_invalid_configuration_of_a_cache_is_refused_with_its_path_when_the_host_starts(string json, string message)
    {
        var refused = await RefusedAsync<InvalidOperationException>(Section(json));
        Assert.Equal($"The configuration of a cache is invalid at 'Unstale:{message}", refused.Message);
    }

    [Fact]
    public async Task An_unknown_configuration_key_and_a_missing_section_are_refused()
    {
        var refused = await RefusedAsync<InvalidOperationException>(Section("""{ "DataType": { "a": 5 } }"""));
        Assert.StartsWith("The configuration of a cache is invalid at 'Unstale:DataType': The key is unknown. Known keys are Log, ContentVersion, ", refused.Message, StringComparison.Ordinal);
        refused = await RefusedAsync<InvalidOperationException>(new ConfigurationBuilder().Build().GetSection("Cache"));
        Assert.Equal("The configuration of a cache is invalid at 'Cache': The section does not exist. Pass the section that contains the options.", refused.Message);
    }

    [Fact]
    public async Task Readable_but_unusable_configured_options_are_refused_like_options_set_in_code()
    {
        var refused = await RefusedAsync<OptionsValidationException>(Section("""{ "DataTypes": { "a": -1 } }"""));
        Assert.Equal("Cache 'shop': DataTypes[a].Expiration is -00:00:01; it must be above zero.", refused.Message);
    }

    private static async Task<T> RefusedAsync<T>(IConfigurationSection section)
        where T : Exception
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddUnstale("shop", section);
        using var host = builder.Build();
        return await Assert.ThrowsAsync<T>(() => host.StartAsync(Stop));
    }

    private static CacheUnderTest With(string json) => new(services: services => services.AddUnstale(Section(json)));

    private static IConfigurationSection Section(string json) => JsonSettings.OfFile($$"""{ "Unstale": {{json}} }""").Root.GetSection("Unstale");
}
