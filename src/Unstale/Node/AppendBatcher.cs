using Unstale.Boundary;
using Unstale.Horizon;
using Unstale.Log;
using Unstale.Values;

namespace Unstale.Node;

/// <summary>
/// Sends appends to the log in batches. An append added while no call is in flight is sent at once. Appends added during a call are sent together in
/// the next call, as separate records and in order. Under load two calls are in flight, so that the log does not wait.
/// </summary>
/// <param name="horizon">Horizon with the state of the node when a batch is sent.</param>
/// <param name="connection">Connection over which batches are sent.</param>
/// <param name="clock">Clock of the sends.</param>
/// <param name="receiver">Receiver of the outcomes. Called once for each append, without a lock.</param>
internal sealed class AppendBatcher(PartitionHorizon horizon, NodeConnection connection, MonotonicClock clock, IAppendReceiver receiver)
{
    public const int MostRecords = 128;
    private const int MostTargets = 1000;

    /// <summary>Number of waiting appends that justifies a second concurrent call.</summary>
    private const int Enough = 32;

    private readonly Lock _gate = new();
    private readonly Queue<(Operation Append, int Size)> _waiting = new();
    private readonly Stack<AppendBatch> _idle = new();
    private ILogSession _session = null!;
    private int _calls;

    /// <summary>Whether a thread is sending. Only one thread sends, so that batches are sent in the order in which they were dequeued.</summary>
    private bool _isSending;

    /// <summary>Whether an append has succeeded. A log may repeat its first call, and a concurrent call would overtake the repetition.</summary>
    private bool _hasAppended;

    /// <summary>Must be called before the first append.</summary>
    public void Start(ILogSession session) => _session = session;

    public void Add(Operation append)
    {
        var size = append.Record.Size; // outside the lock: computed by the first call
        lock (_gate)
            _waiting.Enqueue((append, size));
        SendAll();
    }

    /// <summary>Removes and returns all appends that have not been sent.</summary>
    public Operation[] RemoveWaiting()
    {
        lock (_gate)
        {
            if (_waiting.Count == 0)
                return [];
            Operation[] waiting = [.. _waiting.Select(static one => one.Append)];
            _waiting.Clear();
            return waiting;
        }
    }

    /// <summary>Called by a batch when its call has ended.</summary>
    public void Ended(AppendBatch batch, AppendReply first, Exception? failure)
    {
        lock (_gate)
        {
            _calls--;
            _hasAppended |= failure is null;
        }

        if (failure is not null)
        {
            // Otherwise the waiting appends would run into the same failure, one batch after the other.
            foreach (var append in RemoveWaiting())
                receiver.Failed(append, failure);
        }

        SendAll(); // the next batch is sent before the callers of this batch continue
        batch.Report(first, failure, receiver);
        lock (_gate)
            _idle.Push(batch);
    }

    private void SendAll()
    {
        while (TryDequeue() is { } batch)
        {
            var sentOver = connection.Number;
            RequestSnapshot snapshot;
            lock (horizon.Gate)
                snapshot = horizon.Snapshot(clock.Now);

            // The batch also contains records of other callers, so the execution context of this caller must not flow.
            WithoutExecutionContext.Start((Batch: batch, Session: _session, horizon.Partition, Snapshot: snapshot, SentOver: sentOver), static s =>
            {
                s.Batch.Send(s.Session, s.Partition, s.Snapshot, s.SentOver);
                return true;
            });
            lock (_gate)
                _isSending = false;
        }
    }

    /// <summary>Returns the next batch; null if nothing may be sent now. The caller must reset <see cref="_isSending"/> after sending.</summary>
    private AppendBatch? TryDequeue()
    {
        lock (_gate)
        {
            if (_isSending || !MaySend_NeedsLock())
                return null;
            _isSending = true;
            _calls++;
            var batch = _idle.TryPop(out var idle) ? idle : new AppendBatch(this);
            var (targets, bytes) = (0, 0);
            while (batch.Count < MostRecords && _waiting.TryPeek(out var next))
            {
                var record = next.Append.Record;
                targets += record.Targets.Length;
                bytes += next.Size;
                if (batch.Count > 0 && (targets > MostTargets || bytes > _session.MaximumBatchBytes || record.Version is not null))
                    break;
                batch.Add(_waiting.Dequeue().Append);
                if (record.Version is not null)
                    break; // a log may refuse to append the record, and the following records would have other positions
            }

            return batch;
        }
    }

    private bool MaySend_NeedsLock() => _calls switch
    {
        0 => _waiting.Count > 0,
        1 => _waiting.Count >= Enough && _hasAppended,
        _ => false,
    };
}
