using System.Runtime.CompilerServices;
using Unstale.Log;

namespace Unstale.Horizon;

/// <summary>
/// One invalidation raised on this node, from the call to the acknowledgement and for some time after. A receipt, the replay ring and a collapsed
/// append may hold it for any time, so the object is never reused for another record.
/// </summary>
internal class Operation(InvalidationRecord record, long startedAt) : IRaisedInvalidation
{
    private volatile bool _isApplied;
    private volatile Operation? _coveredBy;
    private long _unsent;

    public InvalidationRecord Record => record;

    /// <summary>Number of the partition in which the operation is raised.</summary>
    public int Partition { get; init; }

    /// <summary>Monotonic time of the call, in milliseconds.</summary>
    public long StartedAt => startedAt;

    /// <summary>Time of the call as a timestamp of the clock, for metrics; 0 if no listener was attached.</summary>
    public long CalledAt { get; init; }

    /// <summary>Whether the log has the record. Read without the lock: a reader that sees true also sees the position.</summary>
    public bool IsApplied => _isApplied;

    public LogPosition Position { get; private set; }

    /// <summary>State of the record's version in the log.</summary>
    public VersionState Version { get; private set; }

    /// <summary>Counters of the entries removed per target, in the order of the record's targets; null where nothing is counted.</summary>
    public StrongBox<long>?[]? Counters { private get; init; }

    /// <summary>Number of entries removed at once because the record names their key.</summary>
    public int Removed { get; private set; }

    /// <summary>Ticket for the entries that the sweep removes for this operation.</summary>
    public ISweepTicket? Sweep { get; set; }

    /// <summary>Operations replaced by this "everything"; null for any other operation.</summary>
    public CollapsedAppends? Covers { get; private init; }

    /// <summary>The "everything" that replaced this operation; null if none.</summary>
    public Operation? CoveredBy
    {
        get => _coveredBy;
        set => _coveredBy = value;
    }

    /// <summary>Number of invalidations represented by this operation and not yet in the log.</summary>
    public long Unsent
    {
        init => _unsent = value;
    }

    /// <summary>Other operations of the same event.</summary>
    public IReadOnlyList<Operation> Earlier { get; set; } = [];

    /// <summary>Whether <see cref="Applied"/> was requested.</summary>
    public virtual bool IsAwaited => false;

    /// <summary>Task that completes when the log has the record, without a time limit. Completed for a log that replies before the call returns.</summary>
    public virtual Task Applied => Task.CompletedTask;

    /// <summary>
    /// Number of represented invalidations sent without a reply, so that their arrival is unknown. Changed under the horizon's lock.
    /// </summary>
    public long Failing { get; set; }

    /// <summary>Whether the operation is pending. Its marks are then above every stamp, until the acknowledgement.</summary>
    public bool IsPending { get; set; }

    /// <summary>Selectors of a pending operation.</summary>
    public List<SelectorRecord>? PendingSelectors { get; set; }

    public static Operation Covering(InvalidationRecord record, long startedAt, List<Operation> covered)
    {
        var covers = new CollapsedAppends();
        var everything = new Operation(record, startedAt) { Covers = covers };
        foreach (var operation in covered)
        {
            covers.Add(operation, everything);
            everything._unsent += operation.ResetUnsent();
            everything.Failing += operation.Failing;
            operation.Failing = 0;
        }

        return everything;
    }

    public ISweepTicket NewTicket() => new SweepResult();

    public StrongBox<long>? CounterOf(int target) => Counters?[target];

    /// <summary>Counts the entries removed because a target names their key.</summary>
    public void CountRemoved(int target, int entries)
    {
        Removed += entries;
        if (CounterOf(target) is { } counter)
            Interlocked.Add(ref counter.Value, entries); // a rule's counter is shared by all logs and caches
    }

    /// <summary>Returns the number of represented invalidations on the first call, later 0.</summary>
    public long ResetUnsent() => Interlocked.Exchange(ref _unsent, 0);

    public void Apply(LogPosition position, VersionState version = VersionState.None)
    {
        Position = position;
        Version = version;
        _isApplied = true;
    }
}
