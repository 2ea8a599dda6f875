using Unstale.Log;

namespace Unstale.Horizon;

/// <summary>
/// State of one partition of a log on this node: a state machine without tasks, clock or random source. Inputs are method calls; work for the caller
/// is returned as <see cref="HorizonEffects"/>. All members except <see cref="View"/> require <see cref="Gate"/>.
/// <para>
/// Joins four parts, each with its own state: <see cref="OutgoingAppends"/> depends on <see cref="LogFollower"/>, which depends on
/// <see cref="InvalidationIndex"/> and <see cref="TrustWindow"/>. The two last ones depend on no other part.
/// </para>
/// </summary>
internal sealed class PartitionHorizon
{
    private readonly InvalidationIndex _index;
    private readonly TrustWindow _trust;
    private readonly LogFollower _log;
    private readonly OutgoingAppends _appends;
    private readonly LoadChecks _loads;
    private readonly RequestedWork _work = new();

    /// <param name="settings">Settings of the horizon.</param>
    /// <param name="newRecord">Creates a record of this node for a target. Ids are generated outside the horizon.</param>
    public PartitionHorizon(HorizonSettings settings, Func<InvalidationTarget, InvalidationRecord> newRecord)
    {
        Partition = settings.Partition;
        _trust = new TrustWindow(settings, View);
        _index = new InvalidationIndex(settings, View, forgotten: () => _log!.Forget(isBroken: false, _log.Cursor));
        _log = new LogFollower(settings, View, _index, _trust, _work);
        _appends = new OutgoingAppends(settings, newRecord, _log, _index, _trust, _work);
        _loads = new LoadChecks(settings, View, _index, _log);
    }

    public Lock Gate { get; } = new();

    public HorizonView View { get; } = new();

    public TagTable Tags => _index.Tags;

    /// <inheritdoc cref="InvalidationIndex.Unmatched"/>
    public UnmatchedTags Unmatched => _index.Unmatched;

    public LogPosition Position => _log.Position;

    public int Partition { get; }

    /// <summary>Sequence up to which every record is applied; -1 while the node has no generation.</summary>
    public long Cursor => _log.Generation == Generation.None ? -1 : _log.Cursor;

    /// <summary>Whether the current connection has completed a tail.</summary>
    public bool IsReady => _log.IsReady;

    /// <summary>
    /// Monotonic time, in milliseconds, of the last confirmation by the log while nothing else prevented trust, in any generation; null before the
    /// first.
    /// </summary>
    public long? LastConfirmed => _trust.LastConfirmed;

    /// <summary>Number of tails started. A caller can thus determine whether a tail was sent after another event.</summary>
    public long TailsBegun => _log.TailsBegun;

    /// <summary>Number of the newest tail whose reply left nothing to read.</summary>
    public long CaughtUpWith => _log.CaughtUpWith;

    /// <summary>Number of resets, each of which forgot everything held.</summary>
    public long Forgotten => _log.Forgotten;

    public int Queued => _appends.Queued;

    /// <summary>Number of own records of a lost generation that are still to be appended to the current one.</summary>
    public int Replaying => _appends.Replaying;

    /// <summary>Number of targets marked so far: the node's local time between records.</summary>
    public long Tick => _index.Tick;

    /// <summary>Marks for the next pass of the sweep.</summary>
    public SweepQueue Sweeps => _index.Sweeps;

    /// <summary>Recent invalidations and resets.</summary>
    public RecentRecords Recent => _log.Recent;

    public RecordHistory History() => Recent.History(Position, View.Epoch, _index.Pending);

    /// <summary>Snapshot of the stores under this horizon.</summary>
    public IReadOnlyList<ILocalStore> Stores => _index.Stores;

    /// <inheritdoc cref="InvalidationIndex.EntryCount"/>
    public int EntryCount => _index.EntryCount;

    public void Add(ILocalStore store) => _index.Add(store);

    public void Remove(ILocalStore store) => _index.Remove(store);

    /// <inheritdoc cref="LogFollower.Add"/>
    public void Add(IRecordListener listener) => _log.Add(listener);

    public RequestSnapshot Snapshot(long now) => new(_log.Generation, View.Epoch, _index.Tick, _log.Seen, _log.Cursor, now)
    {
        IsReady = _log.IsReady, Tails = _log.TailsBegun, ServesBeyond = _trust.ServesBeyond,
    };

    /// <summary>
    /// Allows a cache to serve longer than the bound, in milliseconds. Reported to the log with the next tail, and in force once the log replies.
    /// </summary>
    public void ServeBeyond(long milliseconds) => _trust.ServeBeyond(milliseconds);

    /// <inheritdoc cref="TrustWindow.Suspend"/>
    public void SuspendTrust(bool isSuspended) => _trust.Suspend(isSuspended);

    /// <summary>
    /// Whether work is requested. Read without the lock: a thread that requests work reads the property again after releasing the lock.
    /// </summary>
    public bool HasEffects => _work.IsAny;

    /// <summary>Returns the work requested since the last call; null if none.</summary>
    public HorizonEffects? DequeueEffects() => _work.Dequeue();

    public SweepQueue DequeueSweeps() => _index.DequeueSweeps();

    /// <inheritdoc cref="SelectorList.DropOld"/>
    public void DropOldSelectors(long now) => _index.DropOldSelectors(now);

    public void Connected() => _log.ChangeLink();

    public void Disconnected() => _log.ChangeLink();

    /// <summary>Starts a tail. The caller records the state of the request after this call.</summary>
    /// <param name="confirms">False for a tail requested only for a client's position.</param>
    public TailRequest NextTail(bool confirms = true) => _log.NextTail(confirms);

    public void Pushed(Generation generation, in LoggedRecord record) => _log.Pushed(generation, record);

    /// <summary>Applies the record of one target that directly follows the cursor, raised on this node and already in a local log.</summary>
    public void ApplyNext(long id, in InvalidationTarget target, IRecordSource record, IRaisedInvalidation own)
    {
        var sequence = _log.Cursor + 1;
        _index.Apply(sequence, target, own);
        _log.Recent.Note(_log.Generation, View.Epoch, sequence, record);
        _log.Advance(sequence, id, record);
    }

    /// <summary>Processes the reply to a tail of the current connection.</summary>
    public void Tailed(in TailReply reply, in RequestSnapshot snapshot)
    {
        _trust.Reported(snapshot.ServesBeyond);
        var followed = _log.Tailed(reply, snapshot);
        if (followed == FollowedTail.Adopted)
            _appends.Replay(snapshot.Time); // before the confirmation: a node with records to replay must never appear trusted
        if (followed != FollowedTail.Incomplete)
            _trust.Confirm(snapshot.Time);
        if (_log.Generation != Generation.None)
            _appends.Flush();
    }

    /// <summary>Marks the targets of the operation as pending. Called before the append.</summary>
    public void Raise(Operation operation) => _appends.Raise(operation);

    /// <summary>Returns true if the operation may be sent now. Otherwise the operation is queued until the log replies.</summary>
    public bool MaySend(Operation operation) => _appends.MaySend(operation);

    /// <summary>
    /// Processes the log's reply to an append. True if the log has the record: the caller then notifies the waiters. False if the record must be
    /// appended again, which is already arranged.
    /// </summary>
    public bool Acknowledged(Operation operation, in AppendReply reply, in RequestSnapshot snapshot, long now) => _appends.Acknowledged(operation, reply, snapshot, now);

    /// <summary>Queues an operation without a reply. Whether the log has the record is unknown, so the record is appended again.</summary>
    public void Failed(Operation operation) => _appends.Queue(operation);

    public LoadTicket BeginLoad(string key, TagSet tags, long now, bool mayAskRemote) => _loads.BeginLoad(key, tags, now, mayAskRemote);

    /// <inheritdoc cref="LoadChecks.MayJoin"/>
    public bool MayJoin(in LoadTicket load, string key, TagSet tags, long now) => _loads.MayJoin(load, key, tags, now);

    /// <inheritdoc cref="LoadChecks.FirstMark"/>
    public long FirstMark(in LoadTicket load, string key, ReadOnlySpan<string> tags) => _loads.FirstMark(load, key, tags);

    /// <inheritdoc cref="LoadChecks.MayStore"/>
    public bool MayStore(string key, TagSet tags, long stamp, int epoch) => _loads.MayStore(key, tags, stamp, epoch);

    /// <inheritdoc cref="LoadChecks.MayStoreAsOf"/>
    public bool MayStoreAsOf(string key, TagSet tags, in LogPosition asOf) => _loads.MayStoreAsOf(key, tags, asOf);

    /// <inheritdoc cref="LoadChecks.MaySet"/>
    public bool MaySet(string key, TagSet tags, long sequence, in RequestSnapshot snapshot) => _loads.MaySet(key, tags, sequence, snapshot);

    /// <inheritdoc cref="LoadChecks.IsSpared"/>
    public bool IsSpared(StampedEntry entry) => _loads.IsSpared(entry);

    /// <inheritdoc cref="LoadChecks.MayStoreRemote"/>
    public bool MayStoreRemote(string key, TagSet tags, in StoredAs value, in LoadTicket load, long now, out long stamp) =>
        _loads.MayStoreRemote(key, tags, value, load, now, out stamp);

    /// <inheritdoc cref="LoadChecks.ValidateRemote"/>
    public RemoteValidity ValidateRemote(string key, TagSet tags, in RemoteAnswer answer, in LoadTicket load, long now, out long stamp) =>
        _loads.ValidateRemote(key, tags, answer, load, now, out stamp);
}
