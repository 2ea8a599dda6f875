using Unstale.Log;

namespace Unstale.Horizon;

/// <summary>One invalidation raised on this node, from the call to its acknowledgement and, for a while, beyond.</summary>
internal sealed class Operation(InvalidationRecord record, long startedAt)
{
    private volatile bool _isApplied;

    public InvalidationRecord Record => record;

    /// <summary>When it was raised, by the monotonic clock.</summary>
    public long StartedAt => startedAt;

    /// <summary>In the log. Read without the lock: whoever sees it sees the position too.</summary>
    public bool IsApplied => _isApplied;

    public LogPosition Position { get; private set; }

    /// <summary>Entries removed at once because their key was named.</summary>
    public int Removed { get; set; }

    /// <summary>What the sweep removed and reports for this operation.</summary>
    public SweepTicket? Sweep { get; set; }

    /// <summary>Operations of which this one, an "everything", has taken the place.</summary>
    public List<Operation> Covers { get; } = NoOperations;

    /// <summary>Operations that carry the rest of the same event.</summary>
    public IReadOnlyList<Operation> Earlier { get; set; } = [];

    /// <summary>Who waits for it; null once it is applied, or where nobody may wait.</summary>
    public OperationWait? Wait { get; set; }

    /// <summary>It was sent and nobody knows whether it arrived. Changed under the horizon's lock.</summary>
    public bool HasFailed { get; set; }

    /// <summary>What it names is later than all, until it is acknowledged.</summary>
    public bool IsPending { get; set; }

    /// <summary>Its broad records while it is pending.</summary>
    public List<BroadRecord>? PendingBroad { get; set; }

    private static List<Operation> NoOperations { get; } = [];

    public static Operation Covering(InvalidationRecord record, long startedAt, IEnumerable<Operation> covered) =>
        new(record, startedAt, [.. covered.SelectMany(o => o.Covers.Prepend(o))]);

    private Operation(InvalidationRecord record, long startedAt, List<Operation> covers)
        : this(record, startedAt) => Covers = covers;

    public void Apply(LogPosition position)
    {
        Position = position;
        _isApplied = true;
    }
}
