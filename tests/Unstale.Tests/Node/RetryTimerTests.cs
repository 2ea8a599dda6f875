using Unstale.Node;
using Unstale.Tests.Support;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Node;

public sealed class RetryTimerTests
{
    private readonly SteppedTimeProvider _clock = new();
    private int _retries;

    [Fact]
    public async Task Each_failure_doubles_the_pause_before_the_retry_up_to_the_maximum()
    {
        await using var timer = New();
        foreach (var wait in new[] { 50, 100, 200, 400, 800, 1000, 1000 })
            FailsAndComesAgainAfter(timer, wait);
    }

    [Fact]
    public async Task Simultaneous_failures_cause_a_single_retry()
    {
        await using var timer = New();
        for (var i = 0; i < 100; i++)
            timer.Failed();
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(1, _retries);
    }

    [Fact]
    public async Task A_new_connection_or_a_long_rest_resets_the_pause_before_a_retry()
    {
        await using var timer = New();
        for (var i = 0; i < 2; i++)
        {
            FailsAndComesAgainAfter(timer, 50);
            FailsAndComesAgainAfter(timer, 100);
            if (i == 0)
                timer.Reset();
            else
                _clock.Advance(TimeSpan.FromSeconds(6));
        }

        FailsAndComesAgainAfter(timer, 50);
    }

    [Fact]
    public async Task Retries_of_different_nodes_are_spread_over_time()
    {
        var moments = new HashSet<double>();
        for (var node = 0; node < 20; node++)
        {
            await using var timer = New();
            var (before, began) = (_retries, _clock.GetTimestamp());
            timer.Failed();
            while (_retries == before)
                _clock.Advance(TimeSpan.FromMilliseconds(.1));
            moments.Add(Math.Round(_clock.GetElapsedTime(began).TotalMilliseconds, 1));
        }

        Assert.InRange(moments.Count, 5, 20);
    }

    private RetryTimer New() => new(new MonotonicClock(_clock), TimeSpan.FromSeconds(1), () => _retries++);

    private void FailsAndComesAgainAfter(RetryTimer timer, double milliseconds)
    {
        var before = _retries;
        timer.Failed();
        _clock.Advance(TimeSpan.FromMilliseconds((milliseconds * .75) - 1));
        Assert.Equal(before, _retries);
        _clock.Advance(TimeSpan.FromMilliseconds((milliseconds * .25) + 1));
        Assert.Equal(before + 1, _retries);
    }
}
