using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Unstale.AspNetCore;
using Xunit;

namespace Unstale.IntegrationTests.AspNetCore;

/// <summary>Results of a cache's health check, on a fake clock.</summary>
public sealed class HealthCheckTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private ServiceProvider? _services;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _services?.DisposeAsync() ?? default;

    [Fact]
    public async Task An_in_process_log_is_healthy_and_its_health_entry_contains_the_figures()
    {
        Start(_ => { });
        await CheckAsync();
        await ReadAsync("k", 1);
        await ReadAsync("k", 3);
        for (var i = 0; i < 6; i++)
            await Cache.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        _clock.Advance(TimeSpan.FromMinutes(2));
        var entry = await CheckAsync();
        Assert.Equal(HealthStatus.Healthy, entry.Status);
        Assert.Equal((true, 0L, .75, 3.0, 0L), (entry.Data["trusted"], entry.Data["queued"], entry.Data["hit_ratio"], entry.Data["invalidations_per_minute"], entry.Data["confirmed_ms_ago"]));
        Assert.Equal(Cache.GetLogState().Position.ToString(), entry.Data["position"]);
    }

    [Fact]
    public async Task A_node_that_is_not_trusted_is_degraded()
    {
        Start(_ => { }, b => b.UseRedis("127.0.0.1:1"));
        var entry = await CheckAsync();
        Assert.Equal((HealthStatus.Degraded, "The log 'default' has not confirmed this node yet: cached values are not trusted."), (entry.Status, entry.Description));
        Assert.Equal([false, 0L], [entry.Data["trusted"], entry.Data["queued"]]);
        Assert.False(entry.Data.ContainsKey("position"));
    }

    [Fact]
    public async Task A_miss_ratio_above_the_threshold_reports_degraded_until_the_misses_leave_the_window()
    {
        Start(o => o.MissRatioThreshold = .5);
        await CheckAsync();
        await MissAsync(80);
        await ReadAsync("k0", 39);
        _clock.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync()).Status);
        _clock.Advance(TimeSpan.FromMinutes(1));
        var entry = await CheckAsync();
        Assert.Equal(
            (HealthStatus.Degraded, "Of 119 reads in the last 00:05:00 67.2 % were misses; MissRatioThreshold is 0.5."), (entry.Status, entry.Description));
        _clock.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync()).Status);
    }

    [Theory]
    [InlineData(.67, 100, true)]
    [InlineData(.68, 100, false)]
    [InlineData(.5, 119, true)]
    [InlineData(.5, 120, false)]
    [InlineData(null, 1, false)]
    public async Task A_cache_is_degraded_only_above_the_miss_threshold_and_with_at_least_LeastReads_reads(double? threshold, int least, bool isDegraded)
    {
        Start(o => (o.MissRatioThreshold, o.LeastReads) = (threshold, least));
        await CheckAsync();
        await MissAsync(80);
        await ReadAsync("k0", 39);
        _clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(isDegraded ? HealthStatus.Degraded : HealthStatus.Healthy, (await CheckAsync()).Status);
    }

    [Fact]
    public async Task The_window_of_the_health_check_slides_at_any_frequency_of_checks()
    {
        Start(o => o.MissRatioThreshold = .5);
        var seen = new List<HealthStatus>();
        for (var second = 0; second <= 720; second++)
        {
            if (second is > 100 and <= 300)
                await MissAsync(1, second);
            var entry = await CheckAsync();
            if (second % 120 == 0)
                seen.Add(entry.Status);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        // Checked at 0, 2, 4, ... 12 minutes: at 4 the cache is too young, at 10 and 12 the misses have left the window.
        var (healthy, degraded) = (HealthStatus.Healthy, HealthStatus.Degraded);
        Assert.Equal([healthy, healthy, healthy, degraded, degraded, healthy, healthy], seen);
    }

    [Fact]
    public async Task Named_caches_have_checks_of_their_own()
    {
        var services = new ServiceCollection().AddLogging();
        services.AddUnstale();
        services.AddUnstale("cart");
        services.AddHealthChecks().AddUnstale().AddUnstale(cache: "cart").AddUnstale(name: "mine", tags: ["ready"]);
        _services = services.BuildServiceProvider();
        var report = await _services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Stop);
        Assert.Equal(["mine", "unstale", "unstale:cart"], report.Entries.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["ready"], report.Entries["mine"].Tags);
    }

    [Theory]
    [InlineData("MissRatioThreshold", "The health check of the cache 'default': MissRatioThreshold is 1.5; it must be from 0 to 1, or null.")]
    [InlineData("Window", "The health check of the cache 'default': Window is 00:00:09; it must be from 00:00:10 to 1.00:00:00.")]
    [InlineData("LeastReads", "The health check of the cache 'default': LeastReads is 0; it must be from 1 to 1000000000.")]
    public void Options_that_cannot_work_are_refused(string setting, string message)
    {
        Start(o =>
        {
            o.MissRatioThreshold = setting == "MissRatioThreshold" ? 1.5 : null;
            o.Window = setting == "Window" ? TimeSpan.FromSeconds(9) : o.Window;
            o.LeastReads = setting == "LeastReads" ? 0 : 1;
        });
        Assert.Equal(message, Assert.Throws<OptionsValidationException>(() => _services!.GetRequiredService<IStartupValidator>().Validate()).Message);
    }

    [Fact]
    public void The_default_health_options_equal_their_documentation()
    {
        var options = new UnstaleHealthOptions();
        Assert.Equal((null, TimeSpan.FromMinutes(5), 100), (options.MissRatioThreshold, options.Window, options.LeastReads));
    }

    private UnstaleCache Cache => _services!.GetRequiredService<UnstaleCache>();

    private void Start(Action<UnstaleHealthOptions> configure, Action<IUnstaleBuilder>? more = null)
    {
        var services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(_clock);
        var builder = services.AddUnstale(o => o.DefaultExpiration = TimeSpan.FromHours(1));
        more?.Invoke(builder);
        services.AddHealthChecks().AddUnstale(configure);
        _services = services.BuildServiceProvider();
    }

    private async Task<HealthReportEntry> CheckAsync() =>
        (await _services!.GetRequiredService<HealthCheckService>().CheckHealthAsync(Stop)).Entries["unstale"];

    private async Task MissAsync(int count, int from = 0)
    {
        for (var i = from; i < from + count; i++)
            await ReadAsync($"k{i}", 1);
    }

    private async Task ReadAsync(string key, int times)
    {
        for (var i = 0; i < times; i++)
            await Cache.GetOrCreateAsync(key, static _ => new ValueTask<int>(1), cancellationToken: Stop);
    }
}
