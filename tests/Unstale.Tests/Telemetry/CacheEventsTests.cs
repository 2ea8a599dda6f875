using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Unstale.Telemetry;
using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Telemetry;

/// <summary>Events of a cache, as handlers of an application receive them.</summary>
public sealed class CacheEventsTests : IAsyncDisposable
{
    private static readonly UnstaleEntryOptions Minute = new() { Expiration = TimeSpan.FromMinutes(1), FailSafeFor = TimeSpan.FromHours(1) };

    private readonly CacheUnderTest _test = new(static o => o.MaximumEntries = 2);
    private readonly ConcurrentQueue<string> _events = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private UnstaleCache Cache => _test.Cache;

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task Reads_and_loads_raise_events_in_their_order()
    {
        Listen();
        await ReadAsync("k");
        await ReadAsync("k");
        Assert.True(Cache.TryGet("k", out string _));
        await ArrivedAsync("missed k None", "loaded k Load", "hit k Memory", "hit k Memory");
    }

    [Fact]
    public async Task A_stale_value_is_a_hit_with_its_outcome()
    {
        Listen();
        var options = new UnstaleEntryOptions { Expiration = TimeSpan.FromHours(1), FreshFor = TimeSpan.FromMinutes(1) };
        await ReadAsync("k", options);
        _test.Clock.Advance(TimeSpan.FromMinutes(2));
        await ReadAsync("k", options);
        await ArrivedAsync("missed k None", "loaded k Load", "hit k Stale", "loaded k Load");
    }

    [Fact]
    public async Task A_failed_load_has_its_exception_and_the_fail_safe_an_event()
    {
        Listen();
        await ReadAsync("k", Minute);
        _test.Clock.Advance(TimeSpan.FromMinutes(2));
        await Cache.GetOrCreateAsync<string>("k", static _ => throw new InvalidTimeZoneException(), Minute, cancellationToken: Stop);
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => Cache.GetOrCreateAsync<string>("other", static _ => throw new InvalidTimeZoneException(), cancellationToken: Stop).AsTask());
        await ArrivedAsync(
            "missed k None", "loaded k Load", "missed k None", "failed k InvalidTimeZoneException", "fail-safe k FailSafe", "missed other None", "failed other InvalidTimeZoneException");
    }

    [Fact]
    public async Task A_removal_has_its_cause_and_tags()
    {
        Listen();
        for (var i = 0; i < 3; i++)
            await Cache.SetAsync($"k{i}", i, tags: [$"t{i}"], cancellationToken: Stop);
        await _test.Invalidator.InvalidateTagAsync("t2", cancellationToken: Stop);
        _test.Sweep();
        _test.Clock.Advance(TimeSpan.FromHours(1));
        await ArrivedAsync("removed k0 EvictedForSize t0", "record Key", "record Key", "record Key", "record Tag", "removed k2 Invalidated t2", "removed k1 Expired t1");
    }

    [Fact]
    public async Task Loads_of_several_keys_raise_an_event_for_each()
    {
        Listen();
        await Cache.GetOrCreateManyAsync<int>(["a", "b"], static (keys, _) => new ValueTask<Dictionary<string, int>>(keys.ToDictionary(static key => key, static _ => 1)), cancellationToken: Stop);
        await ArrivedAsync("missed a None", "missed b None", "loaded a Load", "loaded b Load");
    }

    [Fact]
    public async Task Durations_are_measured_from_the_first_handler_on()
    {
        var durations = new ConcurrentQueue<TimeSpan>();
        Cache.Events.Loaded += (_, e) => durations.Enqueue(e.Duration);
        await Cache.GetOrCreateAsync(
            "k",
            _ =>
            {
                _test.Clock.Advance(TimeSpan.FromMilliseconds(300));
                return new ValueTask<int>(1);
            },
            cancellationToken: Stop);
        await Eventually.Holds("the event arrives", () => !durations.IsEmpty);
        Assert.Equal([TimeSpan.FromMilliseconds(300)], durations);
    }

    [Fact]
    public async Task The_sender_is_the_cache_and_a_removed_handler_is_not_called()
    {
        var senders = new ConcurrentQueue<object?>();
        void Note(object? sender, CacheReadEventArgs e) => senders.Enqueue(sender);
        Cache.Events.Missed += Note;
        Cache.Events.Missed += Ignored;
        Cache.Events.Missed -= Ignored;
        await ReadAsync("k1");
        await Eventually.Holds("the event arrives", () => senders.Count == 1);
        Assert.Same(Cache, Assert.Single(senders));
        Cache.Events.Missed -= Note;
        Listen();
        await ReadAsync("k2");
        await ArrivedAsync("missed k2 None", "loaded k2 Load");
        Assert.Single(senders);

        static void Ignored(object? sender, CacheReadEventArgs e) => Assert.Fail("this handler was removed");
    }

    [Fact]
    public async Task A_handler_that_throws_affects_no_other_and_is_logged()
    {
        using var lines = new CapturedLog();
        await using var test = new CacheUnderTest(services: services => services.AddLogging(l => l.AddProvider(lines)));
        test.Cache.Events.Missed += static (_, _) => throw new InvalidTimeZoneException();
        var called = 0;
        test.Cache.Events.Missed += (_, _) => Interlocked.Increment(ref called);
        await test.Cache.GetOrCreateAsync("a", static _ => new ValueTask<int>(1), cancellationToken: Stop);
        await test.Cache.GetOrCreateAsync("b", static _ => new ValueTask<int>(1), cancellationToken: Stop);
        await Eventually.Holds("the other handler is called each time", () => Volatile.Read(ref called) == 2);
        Assert.Equal(2, lines.Times("Cache default: a handler of the event Missed threw."));
    }

    [Fact]
    public async Task A_slow_handler_delays_no_read_and_events_past_the_capacity_are_counted()
    {
        using var release = new ManualResetEventSlim();
        var called = 0;
        Cache.Events.Hit += (_, _) =>
        {
            release.Wait(Stop);
            Interlocked.Increment(ref called);
        };
        await ReadAsync("k");
        const int Reads = CacheEventQueue.Capacity + 500;
        for (var i = 0; i < Reads; i++)
            await ReadAsync("k");
        Assert.InRange(Cache.Events.Dropped, 1, 500);
        release.Set();
        await Eventually.Holds("all others are delivered", () => Volatile.Read(ref called) == Reads - Cache.Events.Dropped);
    }

    [Fact]
    public async Task A_disposed_cache_delivers_what_waits_and_raises_nothing_more()
    {
        Listen();
        await ReadAsync("k");
        await Cache.DisposeAsync();
        Cache.Events.Hit += static (_, _) => Assert.Fail("nothing is raised");
        await ArrivedAsync("missed k None", "loaded k Load");
    }

    private void Listen()
    {
        Cache.Events.Hit += (_, e) => _events.Enqueue($"hit {e.Key} {e.Outcome}");
        Cache.Events.Missed += (_, e) => _events.Enqueue($"missed {e.Key} {e.Outcome}");
        Cache.Events.Loaded += (_, e) => _events.Enqueue($"loaded {e.Key} {e.Outcome}");
        Cache.Events.LoadFailed += (_, e) => _events.Enqueue($"failed {e.Key} {e.Exception!.GetType().Name}");
        Cache.Events.FailSafeUsed += (_, e) => _events.Enqueue($"fail-safe {e.Key} {e.Outcome}");
        Cache.Events.Removed += (_, e) => _events.Enqueue($"removed {e.Key} {e.Cause} {string.Join(' ', e.Tags)}");
        Cache.Events.Invalidated += (_, e) => _events.Enqueue($"record {e.Record!.Targets[0].Kind}");
    }

    /// <summary>Compares the events without regard to the order of records and removals, which different threads raise.</summary>
    private async Task ArrivedAsync(params string[] expected)
    {
        await Eventually.Holds("the events arrive", () => _events.Count >= expected.Length);
        var isOrdered = !expected.Any(static e => e.StartsWith("record", StringComparison.Ordinal));
        if (isOrdered)
            Assert.Equal(expected, _events);
        else
            Assert.Equal(expected.Order(StringComparer.Ordinal), _events.Order(StringComparer.Ordinal));
    }

    private async Task ReadAsync(string key, UnstaleEntryOptions? options = null) =>
        Assert.Equal("v", await Cache.GetOrCreateAsync(key, static _ => new ValueTask<string>("v"), options, cancellationToken: Stop));
}
