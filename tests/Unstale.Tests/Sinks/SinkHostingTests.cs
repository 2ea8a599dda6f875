using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Unstale.Log;
using Unstale.Sinks;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Sinks;

/// <summary>Targets registered by an application: rejected registrations, and the time of the rejection.</summary>
public sealed class SinkHostingTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sink_without_everything_is_refused_at_the_start_with_the_names_of_both_settings()
    {
        var refused = await RefusedAsync(b => b.AddSink("keys", SinkCapabilities.Keys | SinkCapabilities.Tags, static (_, _) => default));
        Assert.Equal(
            "The sink 'keys' of the cache 'default' cannot clear everything (its Capabilities are Keys, Tags), and AcceptsPartial is False. "
            + "After a gap in the log the sink would continue to serve invalidated content. Implement the capability Everything, or set AcceptsPartial.",
            refused);
    }

    [Fact]
    public async Task A_partial_sink_with_AcceptsPartial_is_accepted()
    {
        using var host = Host(b => b.AddSink("keys", SinkCapabilities.Keys, static (_, _) => default, o => o.AcceptsPartial = true));
        await host.StartAsync(Stop);
        await host.StopAsync(Stop);
    }

    [Fact]
    public async Task A_memory_cache_of_another_implementation_supports_only_keys()
    {
        var refused = await RefusedAsync(b =>
        {
            b.Services.AddSingleton(Substitute.For<IMemoryCache>());
            b.AddMemoryCacheSink();
        });
        Assert.StartsWith("The sink 'memory' of the cache 'default' cannot clear everything (its Capabilities are Keys), and AcceptsPartial is False.", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_UnstaleCache_is_refused_as_a_sink_of_another() => Assert.Equal(
        "The sink 'other' of the cache 'default' is an UnstaleCache, which follows a log of its own: each invalidation would be appended once more. Give both caches the same Log instead.",
        await RefusedAsync(b => b.AddHybridCacheSink("other", s => s.GetRequiredService<HybridCache>())));

    [Fact]
    public void Two_sinks_of_one_name_are_refused() => Assert.Equal(
        "The cache 'default' has two sinks named 'one'. Give one of them another name.",
        Assert.Throws<InvalidOperationException>(() => Host(b => b.AddSink("one", static (_, _) => default).AddSink("one", static (_, _) => default))).Message);

    [Theory]
    [InlineData(0)]
    [InlineData(1_000_001)]
    public async Task A_queue_out_of_range_is_refused(int capacity)
    {
        using var host = Host(b => b.AddSink("one", static (_, _) => default, o => o.QueueCapacity = capacity));
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Stop));
        Assert.Equal($"The sink 'default/one': QueueCapacity is {capacity}; it must be from 1 to 1000000.", refused.Message);
    }

    [Fact]
    public void The_default_sink_options_equal_their_documentation()
    {
        var options = new SinkOptions();
        Assert.Equal((1024, false, true), (options.QueueCapacity, options.AcceptsPartial, options.EverythingAtStart));
    }

    [Fact]
    public async Task The_host_opens_the_log_so_that_a_sink_receives_foreign_records_before_the_first_use()
    {
        var log = new InProcessLog("shared");
        var sink = new RecordingSink();
        using var one = Host(b => b.AddSink("heard", _ => sink), log);
        await one.StartAsync(Stop);
        using var other = Host(_ => { }, log);
        await other.Services.GetRequiredService<IInvalidator>().InvalidateKeyAsync("k", cancellationToken: Stop);
        await Eventually.Holds("it is told", () => sink.Words.Count == 1);
        await one.StopAsync(Stop);
        Assert.Equal(["key k"], sink.Words);
    }

    [Fact]
    public async Task A_stopping_host_waits_until_its_sinks_have_received_all_records()
    {
        var sink = new RecordingSink();
        using var host = Host(b => b.AddSink("heard", _ => sink));
        await host.StartAsync(Stop);
        sink.Hold();
        await host.Services.GetRequiredService<IInvalidator>().InvalidateKeyAsync("k", cancellationToken: Stop);
        var stopped = host.StopAsync(Stop);
        Assert.False(stopped.IsCompleted);
        sink.LetGo();
        await Eventually.Ends("the host stops", stopped);
        Assert.Equal(["key k"], sink.Words);
    }

    [Fact]
    public async Task Invalidations_after_the_stop_of_the_host_reach_the_sink_before_the_services_end()
    {
        var sink = new RecordingSink();
        var host = Host(b => b.AddSink("heard", _ => sink));
        await host.StartAsync(Stop);
        await host.StopAsync(Stop);
        sink.Hold();
        await host.Services.GetRequiredService<IInvalidator>().InvalidateKeyAsync("late", cancellationToken: Stop);
        var end = ((IAsyncDisposable)host).DisposeAsync().AsTask();
        Assert.False(end.IsCompleted);
        sink.LetGo();
        await Eventually.Ends("the services end", end);
        Assert.Equal(["key late"], sink.Words);
    }

    [Fact]
    public async Task A_host_waits_for_a_blocked_sink_once_and_not_again_when_its_services_end()
    {
        var sink = new RecordingSink();
        var clock = new FakeTimeProvider();
        var host = Host(b =>
        {
            b.Services.AddSingleton<TimeProvider>(clock);
            b.AddSink("heard", _ => sink);
        });
        await host.StartAsync(Stop);
        sink.Hold();
        await host.Services.GetRequiredService<IInvalidator>().InvalidateKeyAsync("k", cancellationToken: Stop);
        await Eventually.Holds("it stands still", () => sink.Calls == 1);
        var stopped = host.StopAsync(Stop);
        clock.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(stopped.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(.1));
        await Eventually.Ends("the host stops", stopped);
        await Eventually.Ends("the services end with the clock standing still", ((IAsyncDisposable)host).DisposeAsync().AsTask());
        Assert.Empty(sink.Words);
    }

    private static async Task<string> RefusedAsync(Action<IUnstaleBuilder> add)
    {
        using var host = Host(add);
        return (await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync(Stop))).Message;
    }

    private static IHost Host(Action<IUnstaleBuilder> add, InProcessLog? log = null)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        if (log is not null)
            builder.Services.AddKeyedSingleton<IInvalidationLog>(log.Name, log);
        add(builder.Services.AddUnstale(o => o.Log = log?.Name ?? "default"));
        return builder.Build();
    }
}
