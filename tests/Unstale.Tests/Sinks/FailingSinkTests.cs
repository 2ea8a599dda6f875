using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Unstale.Boundary;
using Unstale.Sinks;
using Unstale.Telemetry;
using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Unstale.Tests.Telemetry;
using Xunit;

namespace Unstale.Tests.Sinks;

/// <summary>Slow and unavailable sinks, and sinks that reject a record: no invalidation is lost, and the log never waits.</summary>
public sealed class FailingSinkTests : IAsyncDisposable
{
    private readonly string _log = Guid.NewGuid().ToString("n");
    private readonly CapturedLog _lines = new();
    private readonly Measurements _measured;
    private RecordingSink _sink = new();
    private CacheUnderTest? _cache;

    public FailingSinkTests() => _measured = new("unstale.log.name", _log);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private CacheUnderTest Cache => _cache!;

    public async ValueTask DisposeAsync()
    {
        _sink.Refuses = _ => false;
        _sink.LetGo();
        if (_cache is not null)
            await _cache.DisposeAsync();
        _measured.Dispose();
        _lines.Dispose();
    }

    [Fact]
    public async Task A_blocked_sink_does_not_delay_the_log()
    {
        Start();
        _sink.Hold();
        await RaiseAsync(100);
        _sink.LetGo();
        await HearsAsync(100);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"key k{i}"), _sink.Words);
    }

    [Fact]
    public async Task A_full_sink_queue_collapses_to_everything_and_later_records_are_sent_one_by_one()
    {
        Start(o => o.QueueCapacity = 3);
        _sink.Hold();
        await RaiseAsync(1);
        await Eventually.Holds("it stands still over the first", () => _sink.Calls == 1);
        await RaiseAsync(4);
        _sink.LetGo();
        await HearsAsync(2);
        await RaiseAsync(2);
        await HearsAsync(4);
        Assert.Equal(["key k0", "everything", "key k0", "key k1"], _sink.Words);
        Assert.Equal(5, _sink.Invalidations[1].Position.Sequence);
        await MeasuresAsync("unstale.sink.collapsed/heard", 1);
    }

    [Fact]
    public async Task A_queue_that_is_just_full_loses_nothing()
    {
        Start(o => o.QueueCapacity = 3);
        _sink.Hold();
        await RaiseAsync(1);
        await Eventually.Holds("it stands still over the first", () => _sink.Calls == 1);
        await RaiseAsync(3);
        _sink.LetGo();
        await HearsAsync(4);
        Assert.DoesNotContain("everything", _sink.Words);
    }

    [Fact]
    public async Task A_sink_that_fails_briefly_receives_the_same_records_in_the_same_order()
    {
        Start();
        _sink.Refuses = _ => _sink.Calls <= 3;
        await RaiseAsync(3);
        await HearsAsync(3, () => Cache.Clock.Advance(TimeSpan.FromMilliseconds(100)));
        Assert.Equal(["key k0", "key k1", "key k2"], _sink.Words);
        Assert.Equal(1, _lines.Times($"Log {_log}, sink heard: an update failed and is tried again."));
        Assert.Equal(1, _lines.Times($"Log {_log}, sink heard: updates succeed again."));
    }

    [Fact]
    public async Task The_pauses_between_attempts_double_up_to_half_a_minute()
    {
        var clock = new SteppedTimeProvider();
        using var metrics = new SinkMetrics(meters: null, _log, "alone");
        await using var dispatcher = new SinkDispatcher(
            new SinkIdentity("alone", "cache", _log), () => _sink, new SinkOptions(), TimeSpan.Zero, GuardedTime.Over(clock), GuardedLogger.None, metrics);
        _sink.Refuses = _ => true;
        dispatcher.Skipped(default);
        var calls = new List<double>();
        foreach (var pause in (double[])[.1, .2, .4, .8, 1.6, 3.2, 6.4, 12.8, 30, 30])
        {
            await Eventually.Holds($"attempt {calls.Count + 1}, and the pause after it", () => _sink.Calls == calls.Count + 1 && clock.PendingTimers == 1);
            calls.Add(pause);
            clock.Advance(TimeSpan.FromSeconds(pause) - TimeSpan.FromMilliseconds(1));
            Assert.Equal((calls.Count, 1), (_sink.Calls, clock.PendingTimers));
            clock.Advance(TimeSpan.FromMilliseconds(1));
        }
    }

    [Fact]
    public async Task A_sink_that_fails_for_long_receives_everything_when_it_recovers()
    {
        Start();
        _sink.Refuses = _ => true;
        await RaiseAsync(10);
        await Eventually.Holds("it was tried often", () => _sink.Calls >= 8, () => Cache.Clock.Advance(TimeSpan.FromSeconds(5)));
        _sink.Refuses = _ => false;
        await HearsAsync(1, () => Cache.Clock.Advance(TimeSpan.FromSeconds(5)));
        await RaiseAsync(1);
        await HearsAsync(2);
        Assert.Equal(["everything", "key k0"], _sink.Words);
        Assert.Equal(1, _lines.Times("an update failed and is tried again."));
        await MeasuresAsync("unstale.sink.queued/heard", 0);
    }

    [Fact]
    public async Task A_record_refused_by_the_sink_becomes_everything_and_later_records_follow()
    {
        Start();
        _sink.Refuses = invalidation => invalidation.Keys.Contains("k1", StringComparer.Ordinal);
        await RaiseAsync(3);
        await HearsAsync(2, () => Cache.Clock.Advance(TimeSpan.FromSeconds(1)));
        Assert.Equal(["key k0", "everything"], _sink.Words);
    }

    [Fact]
    public async Task A_partial_sink_receives_supported_targets_and_the_others_are_counted_and_logged_once()
    {
        _sink = new RecordingSink(SinkCapabilities.Keys);
        Start(o => o.AcceptsPartial = true);
        await Cache.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        await Cache.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop);
        await RaiseAsync(1);
        await HearsAsync(1);
        Assert.Equal(["key k0"], _sink.Words);
        Assert.Equal(1, _lines.Times("the capabilities of the sink, which are Keys. AcceptsPartial is set"));
        await MeasuresAsync("unstale.sink.missed/heard", 1);
    }

    [Fact]
    public async Task A_partial_sink_with_a_full_queue_still_receives_its_queued_records()
    {
        _sink = new RecordingSink(SinkCapabilities.Keys);
        Start(o => (o.AcceptsPartial, o.QueueCapacity) = (true, 2));
        _sink.Hold();
        await RaiseAsync(1);
        await Eventually.Holds("it stands still over the first", () => _sink.Calls == 1);
        await RaiseAsync(5);
        _sink.LetGo();
        await HearsAsync(3);
        Assert.Equal(["key k0", "key k0", "key k1"], _sink.Words);
        await MeasuresAsync("unstale.sink.missed/heard", 1);
    }

    [Fact]
    public async Task Without_a_host_a_partial_sink_without_AcceptsPartial_gets_no_record_and_the_refusal_is_logged()
    {
        _sink = new RecordingSink(SinkCapabilities.Keys);
        Start();
        await RaiseAsync(1);
        await Eventually.Holds("it is said", () => _lines.Says("an update failed and is tried again."));
        Assert.Empty(_sink.Words);
    }

    [Fact]
    public async Task A_shutdown_waits_until_the_sink_has_received_all_records()
    {
        Start();
        _sink.Hold();
        await RaiseAsync(5);
        await Eventually.Holds("it stands still over the first", () => _sink.Calls == 1);
        var end = Cache.DisposeAsync().AsTask();
        _sink.LetGo();
        await Eventually.Ends("the end", end);
        Assert.Equal(5, _sink.Words.Count);
        Assert.False(_lines.Says("the process ended before the target"));
    }

    [Fact]
    public async Task A_shutdown_waits_for_a_sink_only_until_its_timeout_and_logs_the_count_of_lost_records()
    {
        Start();
        _sink.Hold();
        await RaiseAsync(5);
        await Eventually.Holds("it stands still over the first", () => _sink.Calls == 1);
        await Cache.DisposeAsync();
        Assert.Equal(1, _lines.Times($"Log {_log}, sink heard: the process ended before the sink received 5 records; ShutdownTimeout is 00:00:05."));
        Assert.Empty(_sink.Words);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_sink_disposed_with_the_services_is_not_logged_and_a_sink_that_was_never_resolved_is(bool wasFound)
    {
        var isAway = !wasFound;
        _cache = new CacheUnderTest(o => o.Log = _log, s =>
        {
            s.AddLogging(l => l.SetMinimumLevel(LogLevel.Trace).AddProvider(_lines));
            s.AddUnstale("default").AddSink("heard", _ => isAway ? throw new ObjectDisposedException("services") : _sink);
        });
        _sink.Throws = _ => throw new ObjectDisposedException("sink");
        await RaiseAsync(1);
        await Eventually.Holds("it is tried", () => _lines.Says("an update failed and is tried again."));
        await Cache.DisposeAsync();
        Assert.Equal(wasFound ? 0 : 1, _lines.Times("the process ended before the sink received 1 records"));
        Assert.True((Cache.Clock.GetUtcNow() - Cache.Clock.Start).TotalSeconds < 4); // the end did not wait for the limit
    }

    [Fact]
    public async Task An_attempt_that_waits_for_its_time_is_made_at_once_when_the_process_ends()
    {
        Start();
        _sink.Refuses = _ => true;
        await RaiseAsync(1);
        await Eventually.Holds("it pauses for half a minute", () => _sink.Calls >= 9, () => Cache.Clock.Advance(TimeSpan.FromSeconds(1)));
        _sink.Refuses = _ => false;
        await Cache.DisposeAsync();
        Assert.Equal(["everything"], _sink.Words);
    }

    private void Start(Action<SinkOptions>? configure = null) => _cache = new CacheUnderTest(
        o => o.Log = _log,
        s =>
        {
            s.AddLogging(l => l.SetMinimumLevel(LogLevel.Trace).AddProvider(_lines));
            s.AddUnstale("default").AddSink("heard", _ => _sink, configure);
        });

    private async Task RaiseAsync(int count)
    {
        for (var i = 0; i < count; i++)
            await Cache.Invalidator.InvalidateKeyAsync($"k{i}", cancellationToken: Stop);
    }

    private Task HearsAsync(int count, Action? meanwhile = null) =>
        Eventually.Holds($"the target takes {count}", () => _sink.Words.Count >= count, meanwhile);

    private Task MeasuresAsync(string label, double value) => Eventually.Holds(
        $"{label} says {value}",
        () =>
        {
            _measured.Observe();
            return _measured.Recorded().TryGetValue(label, out var measured) && measured == value;
        });
}
