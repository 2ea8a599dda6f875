using Unstale.Log;

namespace Unstale.Horizon;

/// <content>What this node appends: pending, acknowledged, unknown, queued, replayed.</content>
internal sealed partial class PartitionHorizon
{
    private readonly HashSet<Operation> _blocked = [];
    private ReplayRing? _ring;
    private List<Operation> _retry = [];

    public int Queued => _retry.Count;

    /// <summary>Own records of a lost generation that are on their way into this one.</summary>
    public int Replaying => _blocked.Count;

    /// <summary>Marks what the operation names as pending, before it is appended.</summary>
    public void Raise(Operation operation) => Pend(operation);

    /// <summary>True if it may be sent now; otherwise it was queued, and goes out when the log answers.</summary>
    public bool MaySend(Operation operation)
    {
        if (_ready)
            return true;
        Queue(operation);
        return false;
    }

    /// <summary>
    /// The log has the record: whoever asks tells those who wait for it. False if it must be appended again, which is seen to.
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
            // A late answer of a history that this node has left, or of one before the present, is no reason to leave the present one.
            if (!_left.Contains(reply.Generation) && reply.Generation.Number >= _generation.Number)
                Reset();
            Effects.Tail = true;
            Queue(operation);
            return false;
        }

        // What was seen of another generation says nothing about this one.
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

    /// <summary>True if another record is known at that sequence: this answer comes from another history.</summary>
    private bool IsOtherHere(long sequence, long id) =>
        _ids.IsOther(sequence, id) || (_own.TryGetValue(sequence, out var own) && own.Record.Id != id);

    private bool Take(Operation operation, in AppendReply reply, long now)
    {
        _seen = Math.Max(_seen, reply.Sequence);
        var logged = new LoggedRecord(reply.Sequence, reply.PreviousId, operation.Record);
        Unpend(operation, reply.Sequence);
        if (reply.Sequence == _cursor + 1 && reply.PreviousId == _lastId)
        {
            _ = Apply(logged, operation); // another own record at this sequence was looked for before
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

    /// <summary>The record that told of the version before stands for this one: what it took is untrue here too, though it may not have come yet.</summary>
    private bool Supersede(Operation operation, in AppendReply reply)
    {
        if (reply.Sequence > _cursor)
            Mark(reply.Sequence, operation.Record, operation);
        Unpend(operation, reply.Sequence);
        operation.Apply(new LogPosition(_settings.Partition, _generation, reply.Sequence), reply.Version);
        return true;
    }

    /// <summary>No answer: whether it was appended is unknown, so it is appended again.</summary>
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
        // What goes with a value is not pending while it is on its way for the first time.
        if (operation is { IsPending: false, IsApplied: false })
            Pend(operation);
        _retry.Add(operation);
        if (_retry.Count <= _settings.RetryCapacity + _blocked.Count) // records of a lost history are bounded by their ring
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
    /// Own records of other generations go into this one before the node is trusted again: until then another node may serve
    /// what they took.
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
