using System.Runtime.CompilerServices;
using Unstale.Horizon;
using Unstale.Log;
using Unstale.Memory;
using Unstale.Values;

namespace Unstale.Node;

/// <summary>Appends to a local log, which replies before the append returns and cannot fail: nothing is pending, queued or replayed.</summary>
/// <param name="horizon">Horizon that processes the replies.</param>
/// <param name="sweeper">Reclaims the invalidated entries.</param>
/// <param name="records">Ids, times and counts of the records.</param>
/// <param name="clock">Clock of the calls.</param>
/// <param name="lags">Measures the calls.</param>
internal sealed class LocalAppends(PartitionHorizon horizon, Sweeper sweeper, RecordFactory records, MonotonicClock clock, LagMeter lags)
{
    private ILogSession _session = null!;
    private ILocalSession? _inMemory;

    /// <summary>Must be called before the first append.</summary>
    public void Start(ILogSession session) => (_session, _inMemory) = (session, session as ILocalSession);

    /// <summary>Raises an invalidation, which is in force and in the log on return.</summary>
    public Operation Raise(InvalidationRecord record, StrongBox<long>?[]? counters)
    {
        // Between the reply of a local log and its mark, only work that began before this method returns can happen.
        var operation = new Operation(record, clock.Now) { Partition = horizon.Partition, Counters = counters, CalledAt = lags.Begin() };
        var reply = _inMemory?.Append(record) ?? Append(record);
        bool sweep;
        lock (horizon.Gate)
        {
            horizon.Acknowledged(operation, reply, default, operation.StartedAt);
            sweep = horizon.Sweeps.IsUrgent;
        }

        if (sweep)
            sweeper.Wake();
        lags.Applied(operation.CalledAt);
        return operation;
    }

    /// <summary>
    /// Raises an invalidation of one target in one step under the horizon's lock: appended, marked and complete on return.
    /// </summary>
    /// <returns>Null if nothing was raised, because another node or thread uses the log at the moment, or the log has no such step.</returns>
    public LocalReceipt? TryRaise(LogPartitions log, in InvalidationTarget target, string? reason)
    {
        if (_inMemory is not { } session)
            return null;
        var calledAt = lags.Begin();
        var receipt = new LocalReceipt(log, target, reason, RecordFactory.Trace(), RecordFactory.NewId(), records.Now);
        bool sweep;
        lock (horizon.Gate)
        {
            var after = horizon.Cursor;
            receipt.Sequence = after + 1;
            if (!session.TryAppendNext(after, receipt.Id, target.Kind == TargetKind.Everything, receipt))
                return null;
            horizon.ApplyNext(receipt.Id, target, receipt, receipt);
            sweep = horizon.Sweeps.IsUrgent;
        }

        records.Count(target.Kind);
        if (sweep)
            sweeper.Wake();
        lags.Applied(calledAt);
        return receipt;
    }

    private AppendReply Append(InvalidationRecord record)
    {
        var append = _session.AppendAsync(horizon.Partition, new[] { record }, CancellationToken.None);
        return append.IsCompletedSuccessfully ? append.Result : append.AsTask().GetAwaiter().GetResult();
    }
}
