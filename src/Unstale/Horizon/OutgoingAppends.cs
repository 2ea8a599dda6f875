using Unstale.Log;

namespace Unstale.Horizon;

/// <summary>
/// Own operations on their way into the log: queued while the log is unavailable, and appended again if a new generation may lack them. Depends on
/// the <see cref="LogFollower"/>, the <see cref="InvalidationIndex"/> and the <see cref="TrustWindow"/>. All members require the horizon's lock.
/// </summary>
/// <param name="settings">Settings of the horizon.</param>
/// <param name="newRecord">Creates a record of this node for a target.</param>
/// <param name="log">Place of the node in the log.</param>
/// <param name="index">Marks of the operations.</param>
/// <param name="trust">Trust, which is withheld until replayed operations are in the log.</param>
/// <param name="work">Operations to append, and acknowledged ones.</param>
internal sealed class OutgoingAppends(
    HorizonSettings settings, Func<InvalidationTarget, InvalidationRecord> newRecord, LogFollower log, InvalidationIndex index, TrustWindow trust, RequestedWork work)
{
    /// <summary>Own operations of a lost generation that are not yet in the current one.</summary>
    private readonly HashSet<Operation> _blocked = [];

    /// <summary>Allocated with the first acknowledged operation.</summary>
    private ReplayRing? _ring;
    private List<Operation> _retry = [];

    public int Queued => _retry.Count;

    /// <summary>Number of own records of a lost generation that are still to be appended to the current one.</summary>
    public int Replaying => _blocked.Count;

    /// <summary>Marks the targets of the operation as pending. Called before the append.</summary>
    public void Raise(Operation operation) => index.MarkPending(operation);

    /// <summary>Returns true if the operation may be sent now. Otherwise the operation is queued until the log replies.</summary>
    public bool MaySend(Operation operation)
    {
        if (log.IsReady)
            return true;
        Queue(operation);
        return false;
    }

    /// <summary>Processes the log's reply to an append. False if the record must be appended again, which is already arranged.</summary>
    public bool Acknowledged(Operation operation, in AppendReply reply, in RequestSnapshot snapshot, long now)
    {
        if (!log.Accepts(reply, operation.Record.Id, snapshot))
        {
            Queue(operation);
            return false;
        }

        if (reply.Version == VersionState.Superseded)
        {
            Supersede(operation, reply);
            return true;
        }

        index.ClearPending(operation, reply.Sequence);
        log.Accept(operation, reply);
        Finish(operation, reply, now);
        return true;
    }

    /// <summary>Queues an operation whose record must be appended again, because its arrival is unknown.</summary>
    public void Queue(Operation operation)
    {
        // A record that accompanies a value is not pending during its first append.
        if (operation is { IsPending: false, IsApplied: false })
            index.MarkPending(operation);
        _retry.Add(operation);
        if (_retry.Count <= settings.RetryCapacity + _blocked.Count) // records of a lost history are bounded by the ring
            return;
        var everything = Operation.Covering(newRecord(InvalidationTarget.Everything), operation.StartedAt, _retry);
        index.MarkPending(everything);
        foreach (var covered in _retry)
            index.ClearPending(covered, null);
        _retry = [everything];
    }

    /// <summary>Requests the append of all queued operations.</summary>
    public void Flush()
    {
        if (_retry.Count == 0)
            return;
        work.Effects.Append.AddRange(_retry);
        _retry = [];
    }

    /// <summary>
    /// Appends own records of other generations to the current one before the node is trusted again. Until then another node may serve values
    /// invalidated by the records.
    /// </summary>
    public void Replay(long now)
    {
        var old = _ring?.RemoveOthers(now, log.Generation, out var incomplete) is { } others
            ? incomplete ? [Operation.Covering(newRecord(InvalidationTarget.Everything), now, others)] : others
            : [];
        foreach (var operation in old)
        {
            _blocked.Add(operation);
            work.Effects.Append.Add(operation);
        }

        trust.Block(_blocked.Count > 0);
    }

    /// <summary>
    /// Completes an operation whose version was reported by an earlier record. The targets are marked here too, because the earlier record may not
    /// have arrived yet.
    /// </summary>
    private void Supersede(Operation operation, in AppendReply reply)
    {
        if (reply.Sequence > log.Cursor)
            index.Apply(reply.Sequence, operation.Record, operation);
        index.ClearPending(operation, reply.Sequence);
        operation.Apply(log.At(reply.Sequence), reply.Version);
        if (!_blocked.Remove(operation))
            return;
        work.Effects.Applied.Add(operation); // a replay: the current history has a newer version, and so the key is invalid there too
        trust.Block(_blocked.Count > 0);
    }

    private void Finish(Operation operation, in AppendReply reply, long now)
    {
        if (!settings.IsLocal)
        {
            _ring ??= new ReplayRing(settings.ReplayCapacity, settings.ReplayWindow);
            _ring.Add(now, log.Generation, operation);
        }

        var position = log.At(reply.Sequence);
        if (operation.Covers is null && _blocked.Count == 0)
        {
            operation.Apply(position, reply.Version);
            return;
        }

        foreach (var done in (operation.Covers?.Alive() ?? []).Prepend(operation))
        {
            _blocked.Remove(done);
            done.Apply(position);
            work.Effects.Applied.Add(done);
        }

        trust.Block(_blocked.Count > 0);
    }
}
