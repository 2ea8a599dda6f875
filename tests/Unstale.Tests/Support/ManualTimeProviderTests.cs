using Xunit;

namespace Unstale.Tests.Support;

public sealed class ManualTimeProviderTests
{
    private readonly ManualTimeProvider _clock = new();
    private readonly List<string> _fired = [];

    [Fact]
    public void The_clock_stands_still_until_it_is_advanced()
    {
        var before = _clock.GetTimestamp();
        Assert.Equal(_clock.Start, _clock.GetUtcNow());
        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(_clock.Start.AddSeconds(3), _clock.GetUtcNow());
        Assert.Equal(TimeSpan.FromSeconds(3), _clock.GetElapsedTime(before));
    }

    [Fact]
    public void Timers_fire_in_the_order_of_their_due_times_and_each_sees_its_own()
    {
        using var late = Timer("late", seconds: 3);
        using var early = Timer("early", seconds: 1);
        using var never = Timer("never", seconds: 9);
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(["early@1", "late@3"], _fired);
        Assert.Equal(1, _clock.PendingTimers);
    }

    [Fact]
    public void A_periodic_timer_fires_once_a_period_until_it_is_disposed()
    {
        var timer = Timer("tick", seconds: 1, period: 2);
        _clock.Advance(TimeSpan.FromSeconds(6));
        timer.Dispose();
        _clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(["tick@1", "tick@3", "tick@5"], _fired);
        Assert.False(timer.Change(TimeSpan.Zero, TimeSpan.Zero));
    }

    [Fact]
    public async Task A_delay_ends_when_the_clock_reaches_it()
    {
        var delay = Task.Delay(TimeSpan.FromSeconds(2), _clock, TestContext.Current.CancellationToken);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(delay.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await delay.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    private ITimer Timer(string name, int seconds, int period = 0) => _clock.CreateTimer(
        _ => _fired.Add($"{name}@{(_clock.GetUtcNow() - _clock.Start).TotalSeconds:0}"), null, TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(period));
}
