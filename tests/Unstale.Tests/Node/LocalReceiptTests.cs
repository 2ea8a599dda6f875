using System.Diagnostics;
using Unstale.Log;
using Unstale.Node;
using Xunit;

namespace Unstale.Tests.Node;

/// <summary>Invalidations of one target in a local log, made in one step and as one object.</summary>
public sealed class LocalReceiptTests : IAsyncDisposable
{
    private readonly CacheUnderTest _test = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task A_single_target_is_one_object_and_has_its_position()
    {
        var first = Assert.IsType<LocalReceipt>(await _test.Invalidator.InvalidateTagAsync("t", "why", Stop));
        var second = Assert.IsType<LocalReceipt>(await _test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop));
        Assert.Equal((ReceiptState.Applied, 1, 2), (first.State, first.Position.Sequence, second.Position.Sequence));
        await first.WaitForAllNodesAsync(Stop);
    }

    [Fact]
    public async Task A_record_built_from_a_receipt_has_the_target_reason_trace_and_time_of_the_call()
    {
        using var activity = new Activity("test").Start();
        var receipt = (LocalReceipt)await _test.Invalidator.InvalidateTagAsync("t", "why", Stop);
        var record = receipt.ToRecord();
        Assert.Equal((receipt.Id, InvalidationTarget.ForTag("t"), "why", activity.Id), (record.Id, record.Targets[0], record.Reason, record.Trace));
        Assert.Equal(_test.Clock.GetUtcNow(), record.Time);
        activity.Stop();
        var plain = ((LocalReceipt)await _test.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop)).ToRecord();
        Assert.Equal((null, null), (plain.Reason, plain.Trace));
    }

    [Fact]
    public async Task A_key_counts_its_entries_at_once_and_a_tag_with_the_sweep()
    {
        await _test.Cache.SetAsync("k1", 1, tags: ["t"], cancellationToken: Stop);
        await _test.Cache.SetAsync("k2", 2, tags: ["t"], cancellationToken: Stop);
        var key = await _test.Invalidator.InvalidateKeyAsync("k1", cancellationToken: Stop);
        var tag = await _test.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        Assert.Equal((1, 0), (key.LocalEntriesRemoved, tag.LocalEntriesRemoved));
        var swept = tag.WaitForReclaimAsync(Stop).AsTask();
        Assert.False(swept.IsCompleted);
        _test.Sweep();
        Assert.Equal((1, 1), (await key.WaitForReclaimAsync(Stop), await swept));
        Assert.Equal(1, await tag.WaitForReclaimAsync(Stop));
        Assert.Equal(0, await tag.WaitForRemoteReclaimAsync(Stop));
    }

    [Fact]
    public async Task A_listener_receives_the_record_of_a_receipt()
    {
        var listener = new Listener();
        _test.Log.Add(listener);
        var receipt = (LocalReceipt)await _test.Invalidator.InvalidateTagAsync("t", "why", Stop);
        Assert.Equal((receipt.Position, receipt.Id), (listener.Position, listener.Record!.Id));
    }

    [Fact]
    public async Task A_log_with_two_sessions_passes_each_record_to_the_other_one()
    {
        var log = new InProcessLog();
        var (one, two) = (new Observer(), new Observer());
        await using var first = log.Open(one);
        var local = (ILocalSession)first;
        var record = new InvalidationRecord(7, InvalidationTarget.ForTag("t"), new RecordOrigin("n", "s"), DateTimeOffset.UnixEpoch);
        Assert.False(local.TryAppendNext(1, 7, isEverything: false, record));
        Assert.True(local.TryAppendNext(0, 7, isEverything: false, record));
        await using var second = log.Open(two);
        Assert.False(local.TryAppendNext(1, 8, isEverything: false, record));
        var reply = local.Append(record);
        Assert.Equal((2, 7), (reply.Sequence, reply.PreviousId));
        Assert.Equal(2, Assert.Single(two.Pushes).Sequence);
        var tail = await second.TailAsync(new TailRequest(0, reply.Generation, 0, 0, 0, 0), Stop);
        Assert.Equal([(1, 0L), (2, 7L)], tail.Records.Select(r => ((int)r.Sequence, r.PreviousId)));
    }

    [Fact]
    public async Task Concurrent_invalidations_have_dense_positions()
    {
        var receipts = await Task.WhenAll(Enumerable.Range(0, 4).Select(t => Task.Run(async () =>
        {
            var made = new List<InvalidationReceipt>();
            for (var i = 0; i < 1_000; i++)
            {
                // Two targets take the way of two steps.
                made.Add(i % 3 == 0
                    ? await _test.Invalidator.InvalidateAsync(["a", "b"], cancellationToken: Stop)
                    : await _test.Invalidator.InvalidateTagAsync($"t{t}", cancellationToken: Stop));
            }

            return made;
        })));
        Assert.Equal(Enumerable.Range(1, 4_000).Select(i => (long)i), receipts.SelectMany(r => r).Select(r => r.Position.Sequence).Order());
        Assert.Equal(4_000, _test.Node.GetState().Position.Sequence);
    }

    private sealed class Listener : IRecordListener
    {
        public LogPosition Position { get; private set; }

        public InvalidationRecord? Record { get; private set; }

        public void Passed(in LogPosition position, InvalidationRecord record) => (Position, Record) = (position, record);

        public void Skipped(in LogPosition position)
        {
        }
    }

    private sealed class Observer : ILogObserver
    {
        public List<LoggedRecord> Pushes { get; } = [];

        public void Connected()
        {
        }

        public void Disconnected()
        {
        }

        public void Pushed(int partition, Generation generation, LoggedRecord record) => Pushes.Add(record);

        public void Missed(int partition)
        {
        }
    }
}
