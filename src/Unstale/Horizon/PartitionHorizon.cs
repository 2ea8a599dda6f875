using Unstale.Log;

namespace Unstale.Horizon;

/// <summary>
/// State of one partition of a log on this node: a state machine without tasks, clock or random source. Inputs are method calls; work for the caller
/// is returned as <see cref="HorizonEffects"/>. All members except <see cref="View"/> require <see cref="Gate"/>.
/// </summary>
internal sealed partial class PartitionHorizon
{
    private readonly HorizonSettings _settings;
    private readonly Func<InvalidationTarget, InvalidationRecord> _newRecord;
    private readonly List<IHorizonMember> _members = [];
    private readonly KeyStripes _stripes;
    private readonly MarkRing _marks = new();
    private readonly LeftGenerations _left = new();
    private HorizonEffects? _effects;
    private IRecordListener[] _listeners = [];

    private Generation _generation;
    private long _cursor;
    private long _lastId;
    private long _adopted;
    private long _seen;
    private long _confirmed = long.MinValue;
    private long _servesBeyond;
    private long _toldBeyond;
    private bool _isCold;

    private bool _ready;

    /// <summary>Number of the connection, incremented on every connect and disconnect.</summary>
    private int _link;

    /// <param name="settings">Settings of the horizon.</param>
    /// <param name="newRecord">Creates a record of this node for a target. Ids are generated outside the horizon.</param>
    public PartitionHorizon(HorizonSettings settings, Func<InvalidationTarget, InvalidationRecord> newRecord)
    {
        _settings = settings;
        _newRecord = newRecord;
        _stripes = new KeyStripes(settings.StripeBits);
        Tags = new TagTable(_stripes, _pendingKeys, _directlyPendingKeys);
        Recent = new RecentRecords(settings.RecentRecords);
    }

    public Lock Gate { get; } = new();

    public HorizonView View { get; } = new();

    public TagTable Tags { get; }

    public LogPosition Position => new(_settings.Partition, _generation, _cursor);

    public int Partition => _settings.Partition;

    /// <summary>Whether the current connection has completed a tail.</summary>
    public bool IsReady => _ready;

    /// <summary>
    /// Monotonic time, in milliseconds, of the last confirmation by the log while nothing else prevented trust, in any generation; null before the
    /// first.
    /// </summary>
    public long? LastConfirmed { get; private set; }

    /// <summary>Number of tails started. A caller can thus determine whether a tail was sent after another event.</summary>
    public long TailsBegun { get; private set; }

    /// <summary>Number of the newest tail whose reply left nothing to read.</summary>
    public long CaughtUpWith { get; private set; }

    /// <summary>Number of resets, each of which forgot everything held.</summary>
    public long Forgotten { get; private set; }

    /// <summary>Marks for the next pass of the sweep.</summary>
    public SweepBatch Sweeps { get; private set; } = new();

    /// <summary>Recent invalidations and resets.</summary>
    public RecentRecords Recent { get; }

    public RecordHistory History() => Recent.History(Position, View.Epoch, _pending.OrderBy(static operation => operation.StartedAt).Select(static operation => operation.Record));

    /// <summary>Snapshot of the stores under this horizon.</summary>
    public IReadOnlyList<IHorizonMember> Members => [.. _members];

    public void Add(IHorizonMember member) => _members.Add(member);

    public void Remove(IHorizonMember member) => _members.Remove(member);

    /// <summary>
    /// Adds a listener, which receives every record from now on. Earlier records of a shared log may have concerned it, so a skip is reported first.
    /// </summary>
    public void Add(IRecordListener listener)
    {
        _listeners = [.. _listeners, listener];
        if (!_settings.IsLocal && _generation != Generation.None)
            listener.Skipped(Position);
    }

    public AskedAt Ask(long now) => new(_generation, View.Epoch, _marks.Tick, _seen, _cursor, now) { IsReady = _ready, Tails = TailsBegun, ServesBeyond = _servesBeyond };

    /// <summary>
    /// Allows a cache to serve longer than the bound, in milliseconds. Reported to the log with the next tail, and in force once the log replies.
    /// </summary>
    public void ServeBeyond(long milliseconds) => _servesBeyond = Math.Max(_servesBeyond, milliseconds);

    /// <summary>
    /// Whether work is requested. Read without the lock: a thread that requests work reads the property again after releasing the lock.
    /// </summary>
    public bool HasEffects => Volatile.Read(ref _effects) is not null;

    /// <summary>Returns the work requested since the last call; null if none.</summary>
    public HorizonEffects? TakeEffects()
    {
        var effects = _effects;
        _effects = null;
        return effects;
    }

    public SweepBatch TakeSweeps()
    {
        var batch = Sweeps;
        Sweeps = new SweepBatch();
        return batch;
    }

    private HorizonEffects Effects => _effects ??= new HorizonEffects();

    private void PublishTrust()
    {
        var known = _generation != Generation.None && _blocked.Count == 0;
        View.TrustedUntil = !known ? long.MinValue
            : _settings.IsLocal ? long.MaxValue
            : _confirmed == long.MinValue ? long.MinValue
            : _confirmed + _settings.StalenessBound - MonotonicClock.Resolution;
        if (known && _confirmed != long.MinValue)
            LastConfirmed = Math.Max(LastConfirmed ?? _confirmed, _confirmed);
        View.ServedUntil = View.TrustedUntil is long.MinValue or long.MaxValue ? View.TrustedUntil : View.TrustedUntil + _toldBeyond;
    }
}
