using Unstale.Log;

namespace Unstale.Horizon;

/// <summary>
/// What this node knows of one partition of a log: a state machine without task, clock or random source. Inputs are method calls;
/// what is to be done outside comes back as <see cref="HorizonEffects"/>. Everything but <see cref="View"/> needs <see cref="Gate"/>.
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

    /// <summary>Changes whenever a connection comes or goes.</summary>
    private int _link;

    /// <param name="settings">The numbers.</param>
    /// <param name="newRecord">Makes a record of this node's for a target: ids come from outside.</param>
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

    /// <summary>Whether the present connection has been greeted.</summary>
    public bool IsReady => _ready;

    /// <summary>When the log last confirmed this node and nothing kept it from being trusted, in whichever generation; null before the first time.</summary>
    public long? LastConfirmed { get; private set; }

    /// <summary>Tails are numbered as they begin, so that one can tell whether it was sent after something else came.</summary>
    public long TailsBegun { get; private set; }

    /// <summary>The newest tail that was answered and left nothing to read.</summary>
    public long CaughtUpWith { get; private set; }

    /// <summary>How often everything held was forgotten.</summary>
    public long Forgotten { get; private set; }

    /// <summary>The marks that the next pass of the sweep serves.</summary>
    public SweepBatch Sweeps { get; private set; } = new();

    /// <summary>What was invalidated lately, and when everything was forgotten.</summary>
    public RecentRecords Recent { get; }

    public RecordHistory History() => Recent.History(Position, View.Epoch, _pending.OrderBy(static operation => operation.StartedAt).Select(static operation => operation.Record));

    /// <summary>Those who keep entries under it. A snapshot.</summary>
    public IReadOnlyList<IHorizonMember> Members => [.. _members];

    public void Add(IHorizonMember member) => _members.Add(member);

    public void Remove(IHorizonMember member) => _members.Remove(member);

    /// <summary>From now on it hears every record. What a shared log has said before may have concerned it.</summary>
    public void Add(IRecordListener listener)
    {
        _listeners = [.. _listeners, listener];
        if (!_settings.IsLocal && _generation != Generation.None)
            listener.Skipped(Position);
    }

    public AskedAt Ask(long now) => new(_generation, View.Epoch, _marks.Tick, _seen, _cursor, now) { IsReady = _ready, Tails = TailsBegun, ServesBeyond = _servesBeyond };

    /// <summary>A cache may serve that much longer than the bound: the log is told with the next tail, and in force once it answers.</summary>
    public void ServeBeyond(long milliseconds) => _servesBeyond = Math.Max(_servesBeyond, milliseconds);

    /// <summary>Whether something is to be done. Read without the lock: who made it so looks again after leaving it.</summary>
    public bool HasEffects => Volatile.Read(ref _effects) is not null;

    /// <summary>What is to be done since this was last asked; null if nothing.</summary>
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
