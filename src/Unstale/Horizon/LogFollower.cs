using Unstale.Log;

namespace Unstale.Horizon;

/// <summary>
/// Place of a node in the log: generation, cursor, and the ids by which another history is recognised. Depends on the
/// <see cref="InvalidationIndex"/>, which receives the records in order, and on the <see cref="TrustWindow"/>. All members require the horizon's lock.
/// </summary>
/// <param name="settings">Settings of the horizon.</param>
/// <param name="view">View whose epoch ends when everything held is forgotten.</param>
/// <param name="index">Receives the records.</param>
/// <param name="trust">Trust, which ends with a generation.</param>
/// <param name="work">Requests for tails and for a new generation.</param>
internal sealed class LogFollower(HorizonSettings settings, HorizonView view, InvalidationIndex index, TrustWindow trust, RequestedWork work)
{
    private readonly RecentIds _ids = new();
    private readonly LeftGenerations _left = new();

    /// <summary>Own acknowledged records above the cursor, by sequence.</summary>
    private readonly SortedDictionary<long, LoggedRecord> _own = [];
    private readonly RecordListeners _listeners = new();
    private Generation _generation;
    private long _cursor, _lastId, _seen;

    /// <summary>Current generation; none before the first tail, and after a break until the next one.</summary>
    public Generation Generation => _generation;

    /// <summary>Sequence up to which every record is applied.</summary>
    public long Cursor => _cursor;

    /// <summary>Highest sequence in any reply of the generation.</summary>
    public long Seen => _seen;

    public LogPosition Position => At(_cursor);

    /// <summary>Whether the current connection has completed a tail.</summary>
    public bool IsReady { get; private set; }

    /// <summary>Number of the connection, incremented on every connect and disconnect.</summary>
    public int Link { get; private set; }

    /// <summary>Number of tails started.</summary>
    public long TailsBegun { get; private set; }

    /// <summary>Number of the newest tail whose reply left nothing to read.</summary>
    public long CaughtUpWith { get; private set; }

    /// <summary>Number of resets, each of which forgot everything held.</summary>
    public long Forgotten { get; private set; }

    /// <summary>Recent invalidations and resets.</summary>
    public RecentRecords Recent { get; } = new(settings.RecentRecords);

    public LogPosition At(long sequence) => new(settings.Partition, _generation, sequence);

    /// <summary>
    /// Adds a listener, which receives every record from now on. Earlier records of a shared log may have concerned it, so a skip is reported first.
    /// </summary>
    public void Add(IRecordListener listener)
    {
        _listeners.Add(listener);
        if (!settings.IsLocal && _generation != Generation.None)
            listener.Skipped(Position);
    }

    public void ChangeLink()
    {
        IsReady = false;
        Link++;
    }

    /// <param name="confirms">False for a tail requested only for a client's position.</param>
    public TailRequest NextTail(bool confirms)
    {
        TailsBegun++;
        var own = _own.Count == 0 ? default : _own.Last();
        return new TailRequest(settings.Partition, _generation, _cursor, _lastId, own.Key, own.Value.Record?.Id ?? 0)
        {
            Confirms = confirms,
            ServesFor = trust.ServesFor,
        };
    }

    public void Pushed(Generation generation, in LoggedRecord record)
    {
        if (_generation == Generation.None)
            return;
        if (generation != _generation)
        {
            // The log decides which history is its own: another log may publish on the same channel.
            work.Effects.Tail = true;
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
            work.Effects.Tail = true;
        }
    }

    /// <summary>Processes the reply to a tail of the current connection.</summary>
    public FollowedTail Tailed(in TailReply reply, in RequestSnapshot snapshot)
    {
        IsReady = true;
        var followed = snapshot.Epoch == view.Epoch ? Follow(reply) : FollowedTail.Incomplete;
        if (followed != FollowedTail.Incomplete)
            CaughtUpWith = Math.Max(CaughtUpWith, snapshot.Tails);
        return followed;
    }

    /// <summary>
    /// True if the reply to an append belongs to the history that this node follows. Otherwise the node leaves its history, or requests a tail, as
    /// necessary.
    /// </summary>
    public bool Accepts(in AppendReply reply, long id, in RequestSnapshot snapshot)
    {
        if (_generation == Generation.None)
            return false;
        if (reply.Generation != _generation)
        {
            // A late reply of a generation left earlier, or of one older than the current one, is no reason to leave the current generation.
            if (!_left.Contains(reply.Generation) && reply.Generation.Number >= _generation.Number)
                Reset();
            work.Effects.Tail = true;
            return false;
        }

        // Sequences seen in another generation have no meaning in this one.
        var seen = snapshot.Generation == _generation ? snapshot.Seen : 0;
        if (reply.Version == VersionState.Superseded)
            return !WentBack(reply.Newest, seen);
        if (!IsOtherHere(reply.Sequence, id))
            return !WentBack(reply.Sequence - 1, seen);
        Fork();
        return false;
    }

    /// <summary>Applies an own record at the sequence of an accepted reply, in order or ahead of the cursor.</summary>
    public void Accept(Operation operation, in AppendReply reply)
    {
        _seen = Math.Max(_seen, reply.Sequence);
        var logged = new LoggedRecord(reply.Sequence, reply.PreviousId, operation.Record);
        if (reply.Sequence == _cursor + 1 && reply.PreviousId == _lastId)
        {
            _ = Apply(logged, operation); // another own record at this sequence was excluded before
            return;
        }

        index.Apply(reply.Sequence, operation.Record, operation);
        if (reply.Sequence > _cursor && _own.TryAdd(reply.Sequence, logged))
            Note(logged);
    }

    /// <summary>Moves the cursor to a record whose targets are marked.</summary>
    public void Advance(long sequence, long id, IRecordSource record)
    {
        _cursor = sequence;
        _lastId = id;
        _seen = Math.Max(_seen, _cursor);
        if (!settings.IsLocal)
            _ids.Add(_cursor, _lastId);
        _listeners.Passed(Position, record);
    }

    /// <summary>
    /// True if a reply is below a sequence seen before its request. Such a reply comes from another history, and the generation is replaced.
    /// </summary>
    public bool WentBack(long sequence, long seen)
    {
        if (sequence >= seen)
        {
            _seen = Math.Max(_seen, sequence);
            return false;
        }

        Fork();
        return true;
    }

    /// <summary>Records that everything held was forgotten. The epoch must have ended before.</summary>
    public void Forget(bool isBroken, long sequence)
    {
        work.Effects.Forgotten = true;
        work.Effects.IsBroken |= isBroken;
        Recent.NoteReset(new NotedFlush(_generation, view.Epoch - 1, sequence, isBroken));
        Forgotten++;
        trust.Cool();
    }

    private FollowedTail Follow(in TailReply reply)
    {
        switch (reply.State)
        {
            case TailState.Broken:
                CreateInstead(reply.Generation);
                return FollowedTail.Incomplete;
            case TailState.OtherGeneration when _left.Contains(reply.Generation):
                CreateInstead(reply.Generation);
                return FollowedTail.Incomplete;
            case TailState.OtherGeneration:
                Reset();
                Adopt(reply.Generation, reply.Sequence, reply.LastId);
                return FollowedTail.Adopted;
            default:
                return CatchUp(reply) ? FollowedTail.Complete : FollowedTail.Incomplete;
        }
    }

    private bool CatchUp(in TailReply reply)
    {
        if (IsTrimmed(reply))
            LocalFlush(reply.Sequence, reply.LastId);
        else if (!ApplyAll(reply.Records))
            return false;

        if (_cursor >= reply.Sequence)
            return true;
        work.Effects.Tail = true; // one page of several: only the last one confirms
        return false;
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

        index.Apply(record.Sequence, record.Record, own);
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

    private void Note(in LoggedRecord record) => Recent.Note(_generation, view.Epoch, record.Sequence, record.Record);

    private void Advance(in LoggedRecord record) => Advance(record.Sequence, record.Record.Id, record.Record);

    private void Adopt(Generation generation, long sequence, long lastId)
    {
        _generation = generation;
        _cursor = _seen = sequence;
        _lastId = lastId;
        _own.Clear();
        _ids.Clear();
        index.ResetTo(sequence);
        trust.Enter();
        _listeners.Skipped(Position);
    }

    /// <summary>Leaves the generation permanently and forgets everything held. Pending operations remain pending.</summary>
    private void Reset()
    {
        view.EndEpoch();
        if (_generation != Generation.None)
        {
            _left.Add(_generation);
            Forget(isBroken: true, _cursor);
        }

        _generation = Generation.None;
        trust.Leave();
    }

    /// <summary>Forgets all entries because the log no longer has the missed records. Cells and selectors are real marks and remain.</summary>
    private void LocalFlush(long sequence, long lastId)
    {
        view.EndEpoch();
        _ids.Clear();
        foreach (var known in _own.Keys.TakeWhile(own => own <= sequence).ToList())
            _own.Remove(known);
        index.RaiseFloor(sequence);
        _cursor = sequence;
        _lastId = lastId;
        _seen = Math.Max(_seen, sequence);
        Forget(isBroken: false, sequence);
        _listeners.Skipped(Position);
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
        work.Effects.CreateInstead = left;
    }

    /// <summary>True if another record has this sequence: the reply belongs to another history.</summary>
    private bool IsOtherHere(long sequence, long id) =>
        _ids.IsOther(sequence, id) || (_own.TryGetValue(sequence, out var own) && own.Record.Id != id);
}
