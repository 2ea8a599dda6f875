using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Unstale.Hosting;
using Xunit;

namespace Unstale.Tests.Hosting;

/// <summary>Options of a log, which all caches of the log share.</summary>
public sealed class LogOptionsTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Refusals => [.. AllRefusals.Keys];

    private static Dictionary<string, Action<InvalidationLogOptions>> AllRefusals { get; } = new(StringComparer.Ordinal)
    {
        ["RecentRecords is -1; it must be from 0 to 100000."] = static o => o.RecentRecords = -1,
        ["StalenessBound is 1.00:00:00.0010000; it must be from 00:00:00.1000000 to 1.00:00:00."] = static o => o.StalenessBound = TimeSpan.FromMilliseconds(86_400_001),
        ["StalenessBound is 00:00:00.0990000; it must be from 00:00:00.1000000 to 1.00:00:00."] = static o => o.StalenessBound = TimeSpan.FromMilliseconds(99),
        ["WhenUnavailable is 2; it must be one of Queue, Throw."] = static o => o.WhenUnavailable = (LogUnavailableBehavior)2,
        ["QueueCapacity is 0; it must be from 1 to 10000000."] = static o => o.QueueCapacity = 0,
        ["AppendTimeout is 00:00:00; it must be from 00:00:00.0010000 to 01:00:00."] = static o => o.AppendTimeout = TimeSpan.Zero,
        ["ShutdownTimeout is 1.00:00:00; it must be from 00:00:00 to 01:00:00."] = static o => o.ShutdownTimeout = TimeSpan.FromDays(1),
        ["FailoverGracePeriod is -00:00:01; it must be from 00:00:00 to 1.00:00:00."] = static o => o.FailoverGracePeriod = -Second,
        ["FailoverGracePeriod is 1.00:00:01; it must be from 00:00:00 to 1.00:00:00."] = static o => o.FailoverGracePeriod = TimeSpan.FromDays(1) + Second,
    };

    [Fact]
    public void Log_options_have_the_documented_defaults()
    {
        var options = new InvalidationLogOptions();
        Assert.Equal((5 * Second, LogUnavailableBehavior.Queue, 65_536), (options.StalenessBound, options.WhenUnavailable, options.QueueCapacity));
        Assert.Equal((Second, 5 * Second, TimeSpan.Zero, 1_024), (options.AppendTimeout, options.ShutdownTimeout, options.FailoverGracePeriod, options.RecentRecords));
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task An_invalid_option_of_a_log_prevents_the_start_and_is_named(string message)
    {
        var refused = await RefusedAsync<OptionsValidationException>(s => s.AddInvalidationLog("shop", AllRefusals[message]).AddUnstale(o => o.Log = "shop"));
        Assert.Equal($"Log 'shop': {message}", refused.Message);
    }

    [Fact]
    public async Task The_limits_of_the_options_of_a_log_are_accepted()
    {
        await using var test = new CacheUnderTest(log: static o =>
        {
            o.StalenessBound = TimeSpan.FromMilliseconds(100);
            (o.QueueCapacity, o.AppendTimeout, o.ShutdownTimeout) = (1, TimeSpan.FromMilliseconds(1), TimeSpan.Zero);
        });
        Assert.Equal((1, TimeSpan.Zero), (test.Log.Options.QueueCapacity, test.Log.Options.ShutdownTimeout));
    }

    [Fact]
    public async Task All_caches_of_a_log_have_its_options_wherever_the_log_is_added()
    {
        await using var services = new ServiceCollection()
            .AddUnstale("a", static o => o.Log = "shop").Services
            .AddInvalidationLog("shop", static o => o.QueueCapacity = 7)
            .AddUnstale("b", static o => o.Log = "shop").Services
            .AddUnstale().Services
            .BuildServiceProvider();
        Assert.Equal((7, 7, 65_536), (Capacity("a"), Capacity("b"), Capacity("default")));

        int Capacity(string cache) => services.GetRequiredService<LogNodes>()
            .Get(services.GetRequiredService<IOptionsMonitor<UnstaleOptions>>().Get(cache)).Options.QueueCapacity;
    }

    [Fact]
    public void A_log_that_is_added_twice_is_refused()
    {
        var services = new ServiceCollection().AddInvalidationLog(static o => o.QueueCapacity = 7);
        var refused = Assert.Throws<InvalidOperationException>(() => services.AddInvalidationLog("default", static _ => { }));
        Assert.Equal(
            "The log 'default' was added twice. Add it once; to change options that a library has set, call services.PostConfigure<InvalidationLogOptions>(\"default\", ...).",
            refused.Message);
    }

    [Fact]
    public async Task Options_of_a_log_that_no_cache_uses_prevent_the_start()
    {
        const string Message = "Options are configured for the log 'shopp', which no cache uses; the logs in use are 'shop'. Correct the name, or set Log of a cache to 'shopp'.";
        var refused = await RefusedAsync<InvalidOperationException>(s => s.AddInvalidationLog("shopp", static _ => { }).AddUnstale(static o => o.Log = "shop"));
        Assert.Equal(Message, refused.Message);
        refused = await RefusedAsync<InvalidOperationException>(s => s.AddUnstale(Section("""{ "Log": "shop", "Logs": { "shopp": { "QueueCapacity": 7 } } }""")));
        Assert.Equal(Message, refused.Message);
    }

    [Fact]
    public void Every_option_of_a_log_can_be_configured() => Assert.Equal(
        typeof(InvalidationLogOptions).GetProperties().Select(static property => property.Name).Order(StringComparer.Ordinal),
        LogOptionsReader.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public async Task A_section_of_a_log_has_the_effect_of_the_code()
    {
        const string Json = """
            { "StalenessBound": 2, "whenUnavailable": "throw", "QueueCapacity": 8, "AppendTimeout": 0.25, "ShutdownTimeout": 3, "FailoverGracePeriod": "00:00:09",
              "RecentRecords": 12, "ColumnHashKey": "tulip" }
            """;
        foreach (var services in new[]
        {
            new ServiceCollection().AddInvalidationLog("shop", Section(Json)).AddUnstale(static o => o.Log = "shop").Services,
            new ServiceCollection().AddUnstale(Section($$"""{ "Log": "shop", "Logs": { "shop": {{Json}} } }""")).Services,
        })
        {
            await using var provider = services.BuildServiceProvider();
            var o = provider.GetRequiredService<IOptionsMonitor<InvalidationLogOptions>>().Get("shop");
            Assert.Equal((2 * Second, LogUnavailableBehavior.Throw, 8), (o.StalenessBound, o.WhenUnavailable, o.QueueCapacity));
            Assert.Equal((Second / 4, 3 * Second, 9 * Second, 12, "tulip"), (o.AppendTimeout, o.ShutdownTimeout, o.FailoverGracePeriod, o.RecentRecords, o.ColumnHashKey));
            Assert.Equal("shop", provider.GetRequiredService<UnstaleCache>().GetLogState().Name);
        }
    }

    [Fact]
    public void Code_after_a_section_of_a_log_overrides_the_section()
    {
        using var services = new ServiceCollection()
            .AddInvalidationLog("default", Section("""{ "QueueCapacity": 8, "RecentRecords": 3 }"""), static o => o.QueueCapacity++).AddUnstale().Services.BuildServiceProvider();
        var options = services.GetRequiredService<IOptionsMonitor<InvalidationLogOptions>>().Get("default");
        Assert.Equal((9, 3), (options.QueueCapacity, options.RecentRecords));
    }

    [Theory]
    [InlineData("""{ "Logs": { "default": { "StalenessBound": "1e3" } } }""", "log is invalid at 'Unstale:Logs:default:StalenessBound': '1e3' is not a duration. Expected a number of seconds, such as 300, or hours, minutes and seconds, such as 00:05:00.")]
    [InlineData("""{ "Logs": { "default": { "Bound": 2 } } }""", "log is invalid at 'Unstale:Logs:default:Bound': The key is unknown. Known keys are StalenessBound, WhenUnavailable, QueueCapacity, AppendTimeout, ShutdownTimeout, FailoverGracePeriod, RecentRecords, ColumnHashKey.")]
    [InlineData("""{ "Logs": "default" }""", "log is invalid at 'Unstale:Logs': Expected a list of objects but found a string.")]
    public async Task An_error_in_a_section_of_a_log_is_reported_with_its_path(string json, string message)
    {
        var refused = await RefusedAsync<InvalidOperationException>(s => s.AddUnstale(Section(json)));
        Assert.Equal($"The configuration of a {message}", refused.Message);
    }

    [Fact]
    public async Task The_section_of_a_named_cache_has_no_options_of_logs()
    {
        var refused = await RefusedAsync<InvalidOperationException>(s => s.AddUnstale("cart", Section("""{ "Logs": { "default": { "QueueCapacity": 2 } } }""")));
        Assert.StartsWith("The configuration of a cache is invalid at 'Unstale:Logs': The key is unknown.", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<T> RefusedAsync<T>(Action<IServiceCollection> add)
        where T : Exception
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        add(builder.Services);
        using var host = builder.Build();
        return await Assert.ThrowsAsync<T>(() => host.StartAsync(Stop));
    }

    private static IConfigurationSection Section(string json) => JsonSettings.OfFile($$"""{ "Unstale": {{json}} }""").Root.GetSection("Unstale");
}
