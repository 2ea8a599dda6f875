using System.Runtime.CompilerServices;
using Unstale.Log;

namespace Unstale.Horizon;

/// <summary>One invalidation raised on this node, from the call to its acknowledgement and, for a while, beyond.</summary>
internal sealed class Operation(InvalidationRecord record, long startedAt)
{
    private volatile bool _isApplied;
    private volatile Operation? _coveredBy;
    private long _unsent;

    public InvalidationRecord Record => record;

    /// <summary>Number of the partition that it is raised in.</summary>
    public int Partition { get; init; }

    /// <summary>When it was raised, by the monotonic clock.</summary>
    public long StartedAt => startedAt;

    /// <summary>In the log. Read without the lock: whoever sees it sees the position too.</summary>
    public bool IsApplied => _isApplied;

    public LogPosition Position { get; private set; }

    /// <summary>What the log knew of the version that its record tells of.</summary>
    public VersionState Version { get; private set; }

    /// <summary>Who counts what a target took, in the order of the record's targets; null where nobody does.</summary>
    public StrongBox<long>?[]? Counters { private get; init; }

    /// <summary>Entries removed at once because their key was named.</summary>
    public int Removed { get; private set; }

    /// <summary>What the sweep removed and reports for this operation.</summary>
    public SweepTicket? Sweep { get; set; }

    /// <summary>Operations of which this one, an "everything", has taken the place.</summary>
    public CoveredOperations? Covers { get; private init; }

    /// <summary>The "everything" that has taken the place of this one.</summary>
    public Operation? CoveredBy
    {
        get => _coveredBy;
        set => _coveredBy = value;
    }

    /// <summary>How many invalidations that the log has not taken it stands for.</summary>
    public long Unsent
    {
        init => _unsent = value;
    }

    /// <summary>Operations that carry the rest of the same event.</summary>
    public IReadOnlyList<Operation> Earlier { get; set; } = [];

    /// <summary>Who waits for it; null once it is applied, or where nobody may wait.</summary>
    public OperationWait? Wait { get; set; }

    /// <summary>How many of those were sent without anybody knowing whether they arrived. Changed under the horizon's lock.</summary>
    public long Failing { get; set; }

    /// <summary>What it names is later than all, until it is acknowledged.</summary>
    public bool IsPending { get; set; }

    /// <summary>Its broad records while it is pending.</summary>
    public List<BroadRecord>? PendingBroad { get; set; }

    public static Operation Covering(InvalidationRecord record, long startedAt, List<Operation> covered)
    {
        var covers = new CoveredOperations();
        var everything = new Operation(record, startedAt) { Covers = covers };
        foreach (var operation in covered)
        {
            covers.Add(operation, everything);
            everything._unsent += operation.TakeUnsent();
            everything.Failing += operation.Failing;
            operation.Failing = 0;
        }

        return everything;
    }

    public StrongBox<long>? CounterOf(int target) => Counters?[target];

    /// <summary>A key was named and its entries went.</summary>
    public void CountRemoved(int target, int entries)
    {
        Removed += entries;
        if (CounterOf(target) is { } counter)
            Interlocked.Add(ref counter.Value, entries); // a rule counts for all logs and caches at once
    }

    /// <summary>The number that it stands for, once.</summary>
    public long TakeUnsent() => Interlocked.Exchange(ref _unsent, 0);

    public void Apply(LogPosition position, VersionState version = VersionState.None)
    {
        Position = position;
        Version = version;
        _isApplied = true;
    }
}
