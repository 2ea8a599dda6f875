using Unstale.Horizon;
using Unstale.Log;
using Unstale.Memory;
using Unstale.Tests.Horizon;
using Unstale.Tests.Support;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Node;

public sealed class SweeperTests : ILocalStore, IAsyncDisposable
{
    private readonly SteppedTimeProvider _clock = new();
    private readonly HorizonUnderTest _test = new();
    private readonly Sweeper _sweeper;
    private readonly List<double> _passes = [];
    private Action<SweepQueue>? _during;

    public SweeperTests()
    {
        _sweeper = new Sweeper(_test.Horizon, new MonotonicClock(_clock));
        _sweeper.Add(this);
    }

    public ValueTask DisposeAsync() => _sweeper.DisposeAsync();

    int ILocalStore.Drop(string key, long below) => 0;

    void ILocalStore.Sweep(SweepQueue batch, long now)
    {
        _passes.Add((_clock.GetUtcNow() - _clock.Start).TotalMilliseconds);
        _during?.Invoke(batch);
    }

    [Fact]
    public void Invalidations_within_100_ms_share_one_sweep()
    {
        for (var i = 0; i < 10; i++)
            _sweeper.Wake();
        Advance(99);
        _sweeper.Wake();
        Assert.Empty(_passes);
        Advance(1);
        Assert.Equal([100], _passes);
    }

    [Fact]
    public void Any_number_of_wake_ups_causes_one_sweep_in_100_ms()
    {
        for (var i = 0; i < 1000; i++)
        {
            _sweeper.Wake();
            Advance(1);
        }

        Assert.Equal([100, 200, 300, 400, 500, 600, 700, 800, 900, 1000], _passes);
    }

    [Fact]
    public void A_process_that_was_stopped_for_weeks_in_the_middle_of_a_pass_sweeps_again_within_minutes()
    {
        _during = _ =>
        {
            _during = null;
            _clock.Advance(TimeSpan.FromDays(20));
        };
        _sweeper.Wake();
        Advance(100);
        Assert.Single(_passes);
        _sweeper.Wake();
        Advance(300_000);
        Assert.Equal(2, _passes.Count);
    }

    [Fact]
    public void Without_invalidations_a_sweep_for_expired_entries_runs_every_30_seconds()
    {
        Advance(60_000);
        Assert.Equal([30_000, 60_000], _passes);
        _sweeper.Wake();
        Advance(30_100);
        Assert.Equal([30_000, 60_000, 60_100, 90_100], _passes);
    }

    [Fact]
    public void An_invalidation_during_a_sweep_starts_the_next_sweep_100_ms_later()
    {
        _during = _ => _sweeper.Wake();
        _sweeper.Wake();
        Advance(100);
        _during = null;
        Advance(100);
        Assert.Equal([100, 200], _passes);
    }

    [Fact]
    public void After_a_long_pass_the_next_one_waits_nine_times_as_long()
    {
        _during = _ => _clock.Advance(TimeSpan.FromMilliseconds(250));
        _sweeper.Wake();
        Advance(100);
        _during = null;
        _sweeper.Wake();
        Advance(2249);
        Assert.Single(_passes);
        Advance(1);
        Assert.Equal([100, 100 + 250 + 2250], _passes);
    }

    [Fact]
    public void A_long_pass_is_not_overtaken_by_another()
    {
        var running = 0;
        _during = _ =>
        {
            Assert.Equal(1, ++running);
            _sweeper.Wake();
            _clock.Advance(TimeSpan.FromMilliseconds(500));
            running--;
        };
        _sweeper.Wake();
        Advance(100);
        Assert.Single(_passes);
    }

    [Fact]
    public async Task A_sweep_handles_the_invalidations_before_it_and_completes_their_tickets()
    {
        var first = _test.Invalidate(InvalidationTarget.ForTag("t"));
        _sweeper.Wake();
        Operation? second = null;
        _during = batch =>
        {
            batch.CauseOf(new Held("k", _test.Horizon.Tags.Hold(["t"]), 0, 0, 0))!.Count();
            second = _test.Invalidate(InvalidationTarget.ForTag("t"));
            _sweeper.Wake();
        };
        Advance(100);
        _during = null;
        Assert.Equal(1, await first.Sweep!.Done);
        Assert.False(second!.Sweep!.Done.IsCompleted);
        Advance(100);
        Assert.Equal(0, await second.Sweep.Done);
    }

    [Fact]
    public void A_removed_store_is_not_swept()
    {
        _sweeper.Remove(this);
        Advance(60_000);
        Assert.Empty(_passes);
    }

    private void Advance(int milliseconds) => _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
}
