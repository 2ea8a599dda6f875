using Unstale.Horizon;
using Unstale.Invalidations;
using Unstale.Log;
using Unstale.Node;
using Unstale.Rules;
using Unstale.Tests.Support;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Invalidations;

/// <summary>Names collected in the batch window, the time of their record, and failures to raise the record.</summary>
public sealed class BatchWindowTests : IDisposable
{
    private readonly SteppedTimeProvider _clock = new();
    private readonly List<(int At, Invalidation Raised)> _raised = [];
    private readonly List<(string Why, int Targets)> _failed = [];
    private readonly InvalidationBatcher _window;
    private TimeSpan _length = TimeSpan.FromMilliseconds(60);
    private Exception? _fault;
    private Task _answer = Task.CompletedTask;

    public BatchWindowTests() =>
        _window = new InvalidationBatcher(new MonotonicClock(_clock), () => _length, RaiseAsync, (why, targets) => _failed.Add((why.Message, targets)));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private int Now => (int)(_clock.GetUtcNow() - _clock.Start).TotalMilliseconds;

    private IEnumerable<string> Records => _raised.Select(r => $"{r.At}: {string.Join(' ', r.Raised.Targets())}");

    public void Dispose() => _window.Dispose();

    [Fact]
    public void The_batch_window_begins_with_its_first_target_and_is_not_extended_by_later_targets()
    {
        for (var i = 0; i < 5; i++)
        {
            Add($"w{i}");
            Advance(40);
        }

        Advance(200);
        Assert.Equal(["60: Tag w0 Tag w1", "140: Tag w2 Tag w3", "220: Tag w4"], Records);
        Assert.Equal((0, 0, 0), _window.Pending());
    }

    [Fact]
    public void A_target_named_twice_is_appended_once_with_all_reasons_and_its_first_cause()
    {
        var (first, second) = (new InvalidationCause("first"), new InvalidationCause("second"));
        _window.Add(Of("one", first, "a", "b"));
        _window.Add(Of("two", second, "b", "c"));
        _window.Add(Of("one", second, "a"));
        Advance(60);
        var raised = Assert.Single(_raised).Raised;
        Assert.Equal("Tag a Tag b Tag c", string.Join(' ', raised.Targets()));
        Assert.Equal([first, first, second], raised.Items.ToArray().Select(item => item.Cause));
        Assert.All(raised.Items.ToArray(), item => Assert.Equal(InvalidationTiming.Immediate, item.Timing));
        Assert.Equal("one; two", raised.Reason);
    }

    [Fact]
    public void The_first_16_reasons_of_a_batch_are_kept()
    {
        for (var i = 0; i < 100; i++)
            _window.Add(Of($"r{i}", new("rule"), "a"));
        Advance(60);
        Assert.Equal(string.Join("; ", Enumerable.Range(0, 16).Select(i => $"r{i}")), Assert.Single(_raised).Raised.Reason);
    }

    [Fact]
    public void Above_10000_targets_a_batch_collects_no_more_and_becomes_everything()
    {
        for (var i = 0; i < 20_000; i++)
            Add($"t{i}");
        Assert.Equal((10_001, 0, 0), _window.Pending());
        Advance(60);
        Assert.Equal([InvalidationTarget.Everything], Assert.Single(_raised).Raised.Bounded().Targets());
    }

    [Fact]
    public async Task Pending_targets_are_counted_by_kind_until_the_flush()
    {
        _window.Add(SomeInvalidation.Of(
            [InvalidationTarget.ForKey("k"), InvalidationTarget.ForTag("t"), InvalidationTarget.ForTag("u"), InvalidationTarget.ForPattern(new GlobPattern("x*"))]));
        Assert.Equal((2, 1, 1), _window.Pending());
        Assert.Single(await _window.FlushAsync(Stop));
        Assert.Equal((0, 0, 0), _window.Pending());
        Assert.Empty(await _window.FlushAsync(Stop));
        Advance(100);
        Assert.Single(_raised);
    }

    [Fact]
    public void A_new_window_length_applies_to_windows_that_open_later()
    {
        Add("a");
        _length = TimeSpan.FromMilliseconds(20);
        Advance(60);
        Add("b");
        Advance(20);
        Assert.Equal(["60: Tag a", "80: Tag b"], Records);
    }

    [Fact]
    public async Task A_flush_waits_for_a_batch_that_is_already_being_raised()
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _answer = answer.Task;
        var batch = Add("a");
        Advance(60);
        var flush = _window.FlushAsync(Stop);
        Assert.False(flush.IsCompleted);
        Assert.Null(batch.Operation);
        answer.SetResult();
        Assert.Empty(await Eventually.Ends("the flush ends", flush));
        Assert.NotNull(batch.Operation);
    }

    [Fact]
    public async Task A_wait_for_a_flush_can_be_cancelled()
    {
        _answer = new TaskCompletionSource().Task;
        Add("a");
        using var leaves = new CancellationTokenSource();
        var flush = _window.FlushAsync(leaves.Token);
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flush);
        Assert.Single(_raised);
    }

    [Fact]
    public async Task A_batch_that_fails_waits_for_the_next_window_together_with_new_targets()
    {
        _fault = new InvalidOperationException("closed");
        var batch = Add("a");
        Advance(60);
        Add("b");
        Assert.Equal((2, 0, 0), _window.Pending());
        Assert.Equal("closed", (await Assert.ThrowsAsync<InvalidOperationException>(() => _window.FlushAsync(Stop))).Message);
        Assert.Equal([("closed", 1)], _failed);
        Assert.Empty(_raised);
        _fault = null;
        Advance(60);
        Assert.Equal(["120: Tag a Tag b"], Records);
        Assert.NotNull(batch.Operation);
    }

    [Fact]
    public void The_disposal_of_the_window_raises_its_batch_and_later_targets_are_raised_at_once()
    {
        Add("a");
        Advance(10);
        _window.Dispose();
        Add("b");
        _window.Dispose();
        Assert.Equal(["10: Tag a", "10: Tag b"], Records);
        Assert.Equal(0, _clock.PendingTimers);
    }

    [Fact]
    public async Task A_batch_that_fails_at_the_disposal_of_the_window_is_lost_and_logged()
    {
        _fault = new InvalidOperationException("closed");
        var batch = Add("a");
        _window.Dispose();
        Assert.Equal([("closed", 1)], _failed);
        Assert.Equal("closed", (await Assert.ThrowsAsync<InvalidOperationException>(() => batch.Raised)).Message);
        Assert.Equal((0, 0, 0), _window.Pending());
    }

    [Fact]
    public async Task Concurrent_adds_and_flushes_neither_lose_nor_repeat_a_target()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(
            async () =>
            {
                for (var i = 0; i < 500; i++)
                {
                    Add($"{writer}-{i}");
                    if (i % 7 == 0)
                        await _window.FlushAsync(Stop);
                }
            },
            Stop)));
        await _window.FlushAsync(Stop);
        var names = _raised.SelectMany(r => r.Raised.Targets().Select(target => target.Text)).ToList();
        Assert.Equal(4_000, names.Count);
        Assert.Equal(4_000, names.Distinct().Count());
    }

    [Theory]
    [InlineData(1, 10)]
    [InlineData(10, 10)]
    [InlineData(250, 250)]
    [InlineData(5_000, 5_000)]
    [InlineData(60_000, 5_000)]
    public void The_window_length_is_clamped_to_its_limits(int asked, int kept)
    {
        var rules = new InvalidationRules(_clock);
        Assert.Equal(TimeSpan.FromMilliseconds(100), rules.BatchDelay);
        rules.BatchDelay = TimeSpan.FromMilliseconds(asked);
        Assert.Equal(TimeSpan.FromMilliseconds(kept), rules.BatchDelay);
    }

    private static Invalidation Of(string reason, InvalidationCause cause, params string[] tags) =>
        SomeInvalidation.Of(tags.Select(tag => new InvalidationItem(InvalidationTarget.ForTag(tag), cause, Timing: InvalidationTiming.Batched)), reason);

    private DeferredInvalidation Add(string tag) => _window.Add(new Invalidation(InvalidationTarget.ForTag(tag), null));

    private void Advance(int milliseconds) => _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));

    private async ValueTask<Operation> RaiseAsync(DeferredInvalidation deferred)
    {
        var invalidation = deferred.ToInvalidation();
        if (_fault is not null)
            throw _fault;
        lock (_raised)
            _raised.Add((Now, invalidation));
        await _answer;
        return new Operation(new InvalidationRecord(1, invalidation.Targets()[0], new RecordOrigin("n", "s"), _clock.Start, null, null), 0);
    }
}
