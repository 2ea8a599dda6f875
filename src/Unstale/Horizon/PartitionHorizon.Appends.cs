using Unstale.Log;

namespace Unstale.Horizon;

/// <content>Appends of this node: pending, acknowledged, unknown, queued and replayed operations.</content>
internal sealed partial class PartitionHorizon
{
    private readonly HashSet<Operation> _blocked = [];
    private ReplayRing? _ring;
    private List<Operation> _retry = [];

    public int Queued => _retry.Count;

    /// <summary>Number of own records of a lost generation that are still to be appended to the current one.</summary>
    public int Replaying => _blocked.Count;

    /// <summary>Marks the targets of the operation as pending. Called before the append.</summary>
    public void Raise(Operation operation) => Pend(operation);

    /// <summary>Returns true if the operation may be sent now. Otherwise the operation is queued until the log replies.</summary>
    public bool MaySend(Operation operation)
    {
        if (_ready)
            return true;
        Queue(operation);
        return false;
    }

    /// <summary>
    /// Processes the log's reply to an append. True if the log has the record: the caller then notifies the waiters. False if the record must be
    /// appended again, which is already arranged.
    /// </summary>
    public bool Acknowledged(Operation operation, in AppendReply reply, in AskedAt asked, long now)
    {
        if (_generation == Generation.None)
        {
            Queue(operation);
            return false;
        }

        if (reply.Generation != _generation)
        {
            // A late reply of a generation left earlier, or of one older than the current one, is no reason to leave the current generation.
            if (!_left.Contains(reply.Generation) && reply.Generation.Number >= _generation.Number)
                Reset();
            Effects.Tail = true;
            Queue(operation);
            return false;
        }

        // Sequences seen in another generation have no meaning in this one.
        var seen = asked.Generation == _generation ? asked.Seen : 0;
        if (reply.Version == VersionState.Superseded)
        {
            if (!WentBack(reply.Newest, seen))
                return Supersede(operation, reply);
        }
        else if (IsOtherHere(reply.Sequence, operation.Record.Id))
        {
            Fork();
        }
        else if (!WentBack(reply.Sequence - 1, seen))
        {
            return Take(operation, reply, now);
        }

        Queue(operation);
        return false;
    }

    /// <summary>True if another record has this sequence: the reply belongs to another history.</summary>
    private bool IsOtherHere(long sequence, long id) =>
        _ids.IsOther(sequence, id) || (_own.TryGetValue(sequence, out var own) && own.Record.Id != id);

    private bool Take(Operation operation, in AppendReply reply, long now)
    {
        _seen = Math.Max(_seen, reply.Sequence);
        var logged = new LoggedRecord(reply.Sequence, reply.PreviousId, operation.Record);
        Unpend(operation, reply.Sequence);
        if (reply.Sequence == _cursor + 1 && reply.PreviousId == _lastId)
        {
            _ = Apply(logged, operation); // another own record at this sequence was excluded before
        }
        else
        {
            Mark(reply.Sequence, operation.Record, operation);
            if (reply.Sequence > _cursor && _own.TryAdd(reply.Sequence, logged))
                Note(logged);
        }

        Finish(operation, reply, now);
        return true;
    }

    /// <summary>
    /// Completes an operation whose version was reported by an earlier record. The targets are marked here too, because the earlier record may not
    /// have arrived yet.
    /// </summary>
    private bool Supersede(Operation operation, in AppendReply reply)
    {
        if (reply.Sequence > _cursor)
            Mark(reply.Sequence, operation.Record, operation);
        Unpend(operation, reply.Sequence);
        operation.Apply(new LogPosition(_settings.Partition, _generation, reply.Sequence), reply.Version);
        return true;
    }

    /// <summary>Queues an operation without a reply. Whether the log has the record is unknown, so the record is appended again.</summary>
    public void Failed(Operation operation) => Queue(operation);

    private void Finish(Operation operation, in AppendReply reply, long now)
    {
        if (!_settings.IsLocal)
        {
            _ring ??= new ReplayRing(_settings.ReplayCapacity, _settings.ReplayWindow);
            _ring.Add(now, _generation, operation);
        }

        var position = new LogPosition(_settings.Partition, _generation, reply.Sequence);
        if (operation.Covers is null && _blocked.Count == 0)
        {
            operation.Apply(position, reply.Version);
            return;
        }

        foreach (var done in (operation.Covers?.Alive() ?? []).Prepend(operation))
        {
            _blocked.Remove(done);
            done.Apply(position);
            Effects.Applied.Add(done);
        }

        PublishTrust();
    }

    private void Queue(Operation operation)
    {
        // A record that accompanies a value is not pending during its first append.
        if (operation is { IsPending: false, IsApplied: false })
            Pend(operation);
        _retry.Add(operation);
        if (_retry.Count <= _settings.RetryCapacity + _blocked.Count) // records of a lost history are bounded by the ring
            return;
        var everything = Operation.Covering(_newRecord(InvalidationTarget.Everything), operation.StartedAt, _retry);
        Pend(everything);
        foreach (var covered in _retry)
            Unpend(covered, null);
        _retry = [everything];
    }

    private void FlushRetry()
    {
        if (_retry.Count == 0)
            return;
        Effects.Append.AddRange(_retry);
        _retry = [];
    }

    /// <summary>
    /// Appends own records of other generations to this one before the node is trusted again. Until then another node may serve values invalidated by
    /// the records.
    /// </summary>
    private void Replay(long now)
    {
        var old = _ring?.TakeOthers(now, _generation, out var incomplete) is { } others
            ? incomplete ? [Operation.Covering(_newRecord(InvalidationTarget.Everything), now, others)] : others
            : [];
        foreach (var operation in old)
        {
            _blocked.Add(operation);
            Effects.Append.Add(operation);
        }
    }
}
