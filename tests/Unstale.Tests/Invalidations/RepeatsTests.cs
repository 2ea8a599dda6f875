using System.Globalization;
using Unstale.Horizon;
using Unstale.Invalidations;
using Unstale.Log;
using Unstale.Node;
using Unstale.Tests.Support;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Invalidations;

public sealed class RepeatsTests : IDisposable
{
    private readonly SteppedTimeProvider _clock = new();
    private readonly List<string> _raised = [];
    private readonly List<string> _failed = [];
    private readonly InvalidationBatcher _repeats;
    private Exception? _fault;

    public RepeatsTests() => _repeats = new InvalidationBatcher(
        new MonotonicClock(_clock), static () => TimeSpan.FromMilliseconds(60), RaiseAsync, (why, targets) => _failed.Add($"{why.Message}: {targets}"));

    public void Dispose() => _repeats.Dispose();

    [Fact]
    public void A_repeat_never_comes_before_its_time_and_at_most_a_thirty_second_part_later()
    {
        Add("a", 3_200);
        Advance(3_199);
        Assert.Empty(_raised);
        Advance(101);
        Assert.Equal(["a"], _raised);
        Advance(10_000);
        Assert.Single(_raised);
    }

    [Fact]
    public void A_short_repeat_comes_at_most_ten_milliseconds_late()
    {
        Add("a", 5);
        Advance(4);
        Assert.Empty(_raised);
        Advance(11);
        Assert.Equal(["a"], _raised);
    }

    [Fact]
    public void Repeats_that_are_due_within_one_part_of_their_lag_are_raised_together_and_later_ones_by_themselves()
    {
        Add("a", 3_200);
        Advance(100);
        Add("b", 3_200);
        Advance(1);
        Add("c", 3_200);
        Advance(3_199);
        Assert.Equal(["a b"], _raised);
        Advance(101);
        Assert.Equal(["a b", "c"], _raised);
    }

    [Fact]
    public void A_shorter_repeat_comes_before_a_longer_one_that_was_added_first()
    {
        Add("long", 10_000);
        Add("short", 100);
        Advance(110);
        Assert.Equal(["short"], _raised);
        Advance(11_000);
        Assert.Equal(["short", "long"], _raised);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Above_the_limit_of_distinct_times_no_repeat_is_lost_and_none_is_early(bool ascending)
    {
        const int All = 300;
        var lags = Enumerable.Range(0, All).Select(static i => (int)(1_000 * Math.Pow(1.04, i))).ToList(); // too far apart to share a repeat
        foreach (var lag in ascending ? lags : lags.AsEnumerable().Reverse())
            Add($"{lag}", lag);
        var now = 0;
        foreach (var lag in lags)
        {
            Advance(lag - 1 - now);
            now = lag - 1;
            var names = _raised.SelectMany(static text => text.Split(' '));
            Assert.All(names, name => Assert.True(int.Parse(name, CultureInfo.InvariantCulture) <= now));
        }

        Advance(lags[^1]);
        Assert.Equal(All, _raised.Sum(static text => text.Split(' ').Length));
        Assert.Equal(256, _raised.Count);
    }

    [Fact]
    public void Waiting_repeats_are_raised_at_the_end_and_later_ones_at_once()
    {
        Add("a", 3_200);
        Add("b", 100_000);
        _repeats.Dispose();
        Assert.Equal(["a", "b"], _raised);
        Add("late", 3_200);
        Assert.Equal(["a", "b", "late"], _raised);
        _repeats.Dispose();
        Advance(200_000);
        Assert.Equal(3, _raised.Count);
    }

    [Fact]
    public void A_repeat_that_cannot_be_raised_is_reported_and_the_next_one_is_raised()
    {
        Add("a", 100);
        Add("b", 10_000);
        _fault = new InvalidOperationException("no");
        Advance(110);
        Assert.Equal(["no: 1"], _failed);
        _fault = null;
        Advance(11_000);
        Assert.Equal(["b"], _raised);
    }

    [Fact]
    public async Task A_window_and_repeats_share_a_timer_and_each_is_raised_at_its_own_time()
    {
        Add("late", 3_200);
        _repeats.Add(new Invalidation(InvalidationTarget.ForTag("first"), reason: null));
        Add("early", 20);
        Advance(59);
        Assert.Equal(["early"], _raised);
        Advance(1);
        Assert.Equal(["early", "batch: first"], _raised);
        Advance(3_240);
        Assert.Equal(["early", "batch: first", "late"], _raised);
        _repeats.Add(new Invalidation(InvalidationTarget.ForTag("second"), reason: null));
        Add("last", 100);
        Assert.Single(await _repeats.FlushAsync(TestContext.Current.CancellationToken));
        Assert.Equal("batch: second", _raised[^1]);
        Advance(110);
        Assert.Equal("last", _raised[^1]);
    }

    private void Add(string tag, int lag) => _repeats.Repeat(new Invalidation(InvalidationTarget.ForTag(tag), reason: null), TimeSpan.FromMilliseconds(lag));

    private void Advance(int milliseconds) => _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));

    private ValueTask<Operation> RaiseAsync(DeferredInvalidation deferred)
    {
        if (_fault is not null)
            throw _fault;
        var targets = deferred.ToInvalidation().Targets();
        _raised.Add((deferred.IsRepeat ? "" : "batch: ") + string.Join(' ', targets.Select(static target => target.Text)));
        var record = new InvalidationRecord(1, targets, new RecordOrigin("node", "tests"), DateTimeOffset.UnixEpoch);
        return ValueTask.FromResult(new Operation(record, 0));
    }
}
