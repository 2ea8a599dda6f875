using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Boundary;
using Unstale.Horizon;
using Unstale.Loading;
using Unstale.Telemetry;
using Unstale.Tests.Support;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Loading;

/// <summary>A slot granted to a waiter that has left is passed on, or is free again.</summary>
public sealed class LoadLimiterSlotTests
{
    private readonly LoadLimiter _gate = new(
        "c", "MaximumUntrustedLoads", SlotRank.Untrusted, new LoadLimit { MaximumLoads = 1, MaximumWaiting = 8, SlotTimeout = Timeout.InfiniteTimeSpan }, GuardedTime.Over(TimeProvider.System))
    {
        Metrics = new LoadLimitMetrics("MaximumUntrustedLoads"),
    };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public Task A_load_whose_wait_was_cancelled_keeps_no_slot() => HandOverAsync(static (_, source) => source.Cancel());

    [Fact]
    public Task A_load_that_no_longer_needs_a_slot_keeps_none() => HandOverAsync(static (waiting, _) => AmbientLoad.Carry(waiting, SlotRank.Untrusted));

    [Fact]
    public async Task A_load_cancelled_before_its_wait_keeps_no_slot()
    {
        Assert.True(await _gate.EnterAsync(NewLoad("first"), Errors.Untrusted, Stop));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await _gate.EnterAsync(NewLoad("gone"), Errors.Untrusted, new CancellationToken(canceled: true)));
        _gate.Leave();
        Assert.True(_gate.EnterAsync(NewLoad("next"), Errors.Untrusted, Stop).AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_released_slot_is_given_to_the_first_waiter_that_is_not_cancelled()
    {
        Assert.True(await _gate.EnterAsync(NewLoad("first"), Errors.Untrusted, Stop));
        using var source = new CancellationTokenSource();
        var gone = Enumerable.Range(0, 5).Select(i => _gate.EnterAsync(NewLoad($"gone{i}"), Errors.Untrusted, source.Token).AsTask()).ToList();
        var waits = _gate.EnterAsync(NewLoad("waits"), Errors.Untrusted, Stop).AsTask();
        await source.CancelAsync();
        _gate.Leave();
        var late = _gate.EnterAsync(NewLoad("late"), Errors.Untrusted, Stop).AsTask();
        Assert.False(late.IsCompleted, "the place went to one who came later");
        Assert.True(await Eventually.Ends("the one who still waits has the place", waits));
        await Eventually.Holds("the others have gone", () => gone.TrueForAll(static task => task.IsCanceled));
        Assert.False(late.IsCompleted, "a place is there twice");
        _gate.Leave();
        Assert.True(await Eventually.Ends("the place is handed on", late));
    }

    /// <summary>Ends a wait at the moment of the grant, before the waiter can remove itself from the queue.</summary>
    private async Task HandOverAsync(Action<Load, CancellationTokenSource> go)
    {
        for (var round = 0; round < 100; round++)
        {
            Assert.True(await _gate.EnterAsync(NewLoad("first"), Errors.Untrusted, Stop));
            using var source = new CancellationTokenSource();
            var waiting = NewLoad("waiting");
            var waits = _gate.EnterAsync(waiting, Errors.Untrusted, source.Token).AsTask();
            Assert.False(waits.IsCompleted);
            go(waiting, source);
            _gate.Leave();
            await Eventually.Holds("the waiter has gone", () => waits.IsCompleted);
            Assert.True(waits.IsCanceled || !await waits);
            await AssertOnePlaceAsync();
        }
    }

    private async Task AssertOnePlaceAsync()
    {
        Assert.True(_gate.EnterAsync(NewLoad("one"), Errors.Untrusted, Stop).AsTask().IsCompletedSuccessfully, "the place was lost");
        var two = _gate.EnterAsync(NewLoad("two"), Errors.Untrusted, Stop).AsTask();
        Assert.False(two.IsCompleted, "a place is there twice");
        _gate.Leave();
        Assert.True(await Eventually.Ends("the place is handed on", two));
        _gate.Leave();
    }

    private static Load<string> NewLoad(string key) => new(
        null!, new LoadIdentity(0, Flags: 0, RecordsReads: false, typeof(string), key), default, TagSet.Empty, null, null);
}
