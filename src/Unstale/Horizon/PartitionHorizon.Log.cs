using Unstale.Log;

namespace Unstale.Horizon;

/// <content>What the log says: pushes, tails, and what breaks between them.</content>
internal sealed partial class PartitionHorizon
{
    private readonly RecentIds _ids = new();

    /// <summary>Own acknowledged records above the cursor, by sequence.</summary>
    private readonly SortedDictionary<long, LoggedRecord> _own = [];

    public void Connected() => ChangeLink();

    public void Disconnected() => ChangeLink();

    /// <summary>Begins a tail. What it is asked at is taken after this.</summary>
    /// <param name="confirms">False for a tail that a client's position asked for.</param>
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

    /// <summary>The answer to a tail of the present connection.</summary>
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

    /// <summary>What follows the cursor is not kept any more. A page that pushes have overtaken does not say so.</summary>
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

    /// <summary>The next record in order. False if it shows that this is another history.</summary>
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

        // Own records that were acknowledged ahead of their turn are marked already: the cursor steps over them.
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

    /// <summary>Floor and stripes at the adopted cursor: a fill that began before cannot pass them.</summary>
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

    /// <summary>Leaves the generation for good and forgets everything held. What is pending stays pending.</summary>
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

    /// <summary>The log no longer has what was missed: forgets the entries; cells and broad records are real marks and stay.</summary>
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

    /// <summary>The epoch has ended before.</summary>
    private void Forget(bool isBroken, long sequence)
    {
        Effects.Forgotten = true;
        Effects.IsBroken |= isBroken;
        Recent.Forgot(new NotedFlush(_generation, View.Epoch - 1, sequence, isBroken));
        Forgotten++;
        _isCold = true;
    }

    /// <summary>Two histories share this generation.</summary>
    private void Fork() => CreateInstead(_generation);

    /// <summary>
    /// Makes the log begin a new generation, for all nodes, if it still is in the given one. Nodes that never left that one meet the new
    /// one with their next tail.
    /// </summary>
    private void CreateInstead(Generation left)
    {
        Reset();
        _left.Add(left);
        Effects.CreateInstead = left;
    }

    /// <summary>An answer below what was known when it was asked for comes from another history.</summary>
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
