using Unstale.Log;

namespace Unstale.Horizon;

/// <content>Input from the log: pushes, tails, and breaks between them.</content>
internal sealed partial class PartitionHorizon
{
    private readonly RecentIds _ids = new();

    /// <summary>Own acknowledged records above the cursor, by sequence.</summary>
    private readonly SortedDictionary<long, LoggedRecord> _own = [];

    public void Connected() => ChangeLink();

    public void Disconnected() => ChangeLink();

    /// <summary>Starts a tail. The caller records the state of the request after this call.</summary>
    /// <param name="confirms">False for a tail requested only for a client's position.</param>
    public TailRequest NextTail(bool confirms = true)
    {
        TailsBegun++;
        var own = _own.Count == 0 ? default : _own.Last();
        return new TailRequest(_settings.Partition, _generation, _cursor, _lastId, own.Key, own.Value.Record?.Id ?? 0)
        {
            Confirms = confirms,
            ServesFor = TimeSpan.FromMilliseconds(_settings.StalenessBound + _servesBeyond),
        };
    }

    public void Pushed(Generation generation, in LoggedRecord record)
    {
        if (_generation == Generation.None)
            return;
        if (generation != _generation)
        {
            // The log decides which history is its own: another log may publish on the same channel.
            Effects.Tail = true;
        }
        else if (record.Sequence <= _cursor)
        {
            if (_ids.IsOther(record.Sequence, record.Record.Id))
                Fork();
        }
        else if (record.Sequence == _cursor + 1)
        {
            if (record.PreviousId != _lastId)
                Fork();
            else
                Apply(record, null);
        }
        else
        {
            Effects.Tail = true;
        }
    }

    /// <summary>Processes the reply to a tail of the current connection.</summary>
    public void Tailed(in TailReply reply, in AskedAt asked)
    {
        _ready = true;
        _toldBeyond = Math.Max(_toldBeyond, asked.ServesBeyond);
        if (asked.Epoch == View.Epoch)
            Learn(reply, asked);
        if (_generation != Generation.None)
            FlushRetry();
    }

    private void Learn(in TailReply reply, in AskedAt asked)
    {
        switch (reply.State)
        {
            case TailState.Broken:
                CreateInstead(reply.Generation);
                break;
            case TailState.OtherGeneration when _left.Contains(reply.Generation):
                CreateInstead(reply.Generation);
                break;
            case TailState.OtherGeneration:
                Reset();
                Adopt(reply.Generation, reply.Sequence, reply.LastId, asked);
                break;
            default:
                CatchUp(reply, asked);
                break;
        }
    }

    private void CatchUp(in TailReply reply, in AskedAt asked)
    {
        if (IsTrimmed(reply))
            LocalFlush(reply.Sequence, reply.LastId);
        else if (!ApplyAll(reply.Records))
            return;

        if (_cursor < reply.Sequence)
        {
            Effects.Tail = true; // one page of several: only the last one confirms
            return;
        }

        Confirm(asked);
    }

    private void Confirm(in AskedAt asked)
    {
        CaughtUpWith = Math.Max(CaughtUpWith, asked.Tails);
        var sent = asked.Time;
        _confirmed = Math.Max(_confirmed, sent);
        if (_isCold)
            View.ColdUntil = sent + _settings.StalenessBound;
        _isCold = false;
        PublishTrust();
    }

    /// <summary>True if the log no longer has the records after the cursor. A page overtaken by pushes does not count.</summary>
    private bool IsTrimmed(in TailReply reply)
    {
        foreach (var record in reply.Records)
        {
            if (record.Sequence > _cursor)
                return record.Sequence != _cursor + 1;
        }

        return reply.Records.Count == 0 && _cursor < reply.Sequence;
    }

    private bool ApplyAll(IReadOnlyList<LoggedRecord> records)
    {
        foreach (var record in records)
        {
            var isKnown = record.Sequence <= _cursor;
            if (isKnown ? _ids.IsOther(record.Sequence, record.Record.Id) : record.PreviousId != _lastId)
            {
                Fork();
                return false;
            }

            if (!isKnown && !Apply(record, null))
                return false;
        }

        return true;
    }

    /// <summary>Applies the next record in order. Returns false if the record belongs to another history.</summary>
    private bool Apply(in LoggedRecord record, Operation? own)
    {
        LoggedRecord mine = default;
        var isAhead = _own.Count > 0 && _own.Remove(record.Sequence, out mine);
        if (isAhead && mine.Record.Id != record.Record.Id)
        {
            Fork();
            return false;
        }

        Mark(record.Sequence, record.Record, own);
        if (!isAhead)
            Note(record);
        Advance(record);

        // Own records acknowledged ahead of their turn are already marked: the cursor skips over them.
        while (_own.Count > 0 && _own.First() is var (sequence, ahead) && sequence == _cursor + 1 && ahead.PreviousId == _lastId)
        {
            _own.Remove(sequence);
            Advance(ahead);
        }

        return true;
    }

    private void Note(in LoggedRecord record) => Recent.Note(_generation, View.Epoch, record.Sequence, record.Record);

    private void Advance(in LoggedRecord record)
    {
        _cursor = record.Sequence;
        _lastId = record.Record.Id;
        _seen = Math.Max(_seen, _cursor);
        if (!_settings.IsLocal)
            _ids.Add(_cursor, _lastId);
        if (_listeners.Length > 0)
            TellPassed(record.Record);
    }

    private void TellPassed(InvalidationRecord record)
    {
        var position = Position;
        foreach (var listener in _listeners)
            listener.Passed(position, record);
    }

    private void TellSkipped()
    {
        var position = Position;
        foreach (var listener in _listeners)
            listener.Skipped(position);
    }

    private void Adopt(Generation generation, long sequence, long lastId, in AskedAt asked)
    {
        _generation = generation;
        _cursor = _seen = sequence;
        _lastId = lastId;
        _own.Clear();
        StandAt(sequence);
        Replay(asked.Time);
        Confirm(asked);
        TellSkipped();
    }

    /// <summary>Sets the floor and the stripes to the adopted cursor: a load that began before cannot pass.</summary>
    private void StandAt(long sequence)
    {
        _adopted = _floor = _everything = View.BroadDropped = sequence;
        _stripes.StandAt(sequence);
        Tags.StandAt(sequence);
        PublishBroad([.. View.Broad.Where(b => b.IsPending)]);
        PublishFloor();
        _ids.Clear();
    }

    private void ChangeLink()
    {
        _ready = false;
        _link++;
    }

    /// <summary>Leaves the generation permanently and forgets everything held. Pending operations remain pending.</summary>
    private void Reset()
    {
        View.EndEpoch();
        if (_generation != Generation.None)
        {
            _left.Add(_generation);
            Forget(isBroken: true, _cursor);
        }

        _generation = Generation.None;
        _confirmed = long.MinValue;
        PublishTrust();
    }

    /// <summary>Forgets all entries because the log no longer has the missed records. Cells and selectors are real marks and remain.</summary>
    private void LocalFlush(long sequence, long lastId)
    {
        View.EndEpoch();
        _ids.Clear();
        foreach (var known in _own.Keys.TakeWhile(own => own <= sequence).ToList())
            _own.Remove(known);
        _floor = Math.Max(_floor, sequence);
        PublishFloor();
        _cursor = sequence;
        _lastId = lastId;
        _seen = Math.Max(_seen, sequence);
        Forget(isBroken: false, sequence);
        TellSkipped();
    }

    /// <summary>Records a reset. The epoch must have ended before.</summary>
    private void Forget(bool isBroken, long sequence)
    {
        Effects.Forgotten = true;
        Effects.IsBroken |= isBroken;
        Recent.Forgot(new NotedFlush(_generation, View.Epoch - 1, sequence, isBroken));
        Forgotten++;
        _isCold = true;
    }

    /// <summary>Replaces the current generation, because two histories share it.</summary>
    private void Fork() => CreateInstead(_generation);

    /// <summary>
    /// Requests a new generation of the log, for all nodes, if the log is still in the given one. Nodes that never left the given generation find the
    /// new one with their next tail.
    /// </summary>
    private void CreateInstead(Generation left)
    {
        Reset();
        _left.Add(left);
        Effects.CreateInstead = left;
    }

    /// <summary>
    /// True if a reply is below a sequence seen before its request. Such a reply comes from another history, and the generation is replaced.
    /// </summary>
    private bool WentBack(long sequence, long seen)
    {
        if (sequence >= seen)
        {
            _seen = Math.Max(_seen, sequence);
            return false;
        }

        Fork();
        return true;
    }
}
