using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using Unstale.Log;

namespace Unstale.Horizon;

/// <summary>
/// One invalidation raised on this node, from the call to the acknowledgement and for some time after: the record, the state of its append, and the
/// wait of the raising caller. That wait ends once, at the earliest of three events: record in the log, timeout, cancellation by the caller.
/// </summary>
/// <remarks>
/// Never reused for another record. The queue owns the object until the log has the record; the receipt, the replay ring and a collapsed append may
/// hold it for any time after. Reused instead: the batch in which the object is sent.
/// </remarks>
internal sealed class Operation(InvalidationRecord record, long startedAt) : IValueTaskSource<Operation>
{
    private volatile bool _isApplied;
    private volatile Operation? _coveredBy;
    private long _unsent;
    private ManualResetValueTaskSourceCore<bool> _core;
    private CancellationTokenRegistration _cancellation;
    private CancellationToken _token;
    private TaskCompletionSource? _applied;
    private int _isReported;
    private int _isWaitOver;

    public InvalidationRecord Record => record;

    /// <summary>Number of the partition in which the operation is raised.</summary>
    public int Partition { get; init; }

    /// <summary>Monotonic time of the call, in milliseconds.</summary>
    public long StartedAt => startedAt;

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
    public SweepTicket? Sweep { get; set; }

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

    /// <summary>Whether a caller may wait for the log. False for a log that replies before the call returns.</summary>
    public bool MayWait { private get; init; }

    /// <summary>Whether the wait of the raising caller has ended or is about to end.</summary>
    public bool IsWaitOver => Volatile.Read(ref _isWaitOver) == 1;

    /// <summary>Whether <see cref="Applied"/> was requested.</summary>
    public bool IsAwaited => Volatile.Read(ref _applied) is not null;

    /// <summary>Task that completes when the log has the record, without a time limit.</summary>
    public Task Applied
    {
        get
        {
            if (!MayWait || Volatile.Read(ref _isReported) == 1)
                return Task.CompletedTask;
            var created = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var applied = Interlocked.CompareExchange(ref _applied, created, null) ?? created;
            CoveredBy?.Covers!.Hold(this);

            // Each side writes before it reads: either this thread sees the report, or ReportApplied sees the task.
            if (Volatile.Read(ref _isReported) == 1)
                applied.TrySetResult();
            return applied.Task;
        }
    }

    /// <summary>
    /// Number of represented invalidations sent without a reply, so that their arrival is unknown. Changed under the horizon's lock.
    /// </summary>
    public long Failing { get; set; }

    /// <summary>Whether the operation is pending. Its marks are then above every stamp, until the acknowledgement.</summary>
    public bool IsPending { get; set; }

    /// <summary>Selectors of a pending operation.</summary>
    public List<BroadRecord>? PendingBroad { get; set; }

    public static Operation Covering(InvalidationRecord record, long startedAt, List<Operation> covered)
    {
        var covers = new CollapsedAppends();
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

    /// <summary>Counts the entries removed because a target names their key.</summary>
    public void CountRemoved(int target, int entries)
    {
        Removed += entries;
        if (CounterOf(target) is { } counter)
            Interlocked.Add(ref counter.Value, entries); // a rule's counter is shared by all logs and caches
    }

    /// <summary>Returns the number of represented invalidations on the first call, later 0.</summary>
    public long TakeUnsent() => Interlocked.Exchange(ref _unsent, 0);

    public void Apply(LogPosition position, VersionState version = VersionState.None)
    {
        Position = position;
        Version = version;
        _isApplied = true;
    }

    /// <summary>Starts the wait of the raising caller. Must be called at most once, and before anything except <see cref="EndWait"/> can end the wait.</summary>
    /// <param name="cancelled">Called when the token is cancelled.</param>
    /// <param name="cancellationToken">Ends the wait. The append is not cancelled.</param>
    public ValueTask<Operation> WaitAsync(Action<Operation> cancelled, CancellationToken cancellationToken)
    {
        if (!MayWait || IsApplied)
            return new(this);
        _token = cancellationToken;
        if (cancellationToken.CanBeCanceled)
            _cancellation = cancellationToken.UnsafeRegister(static state => Cancelled((Tuple<Operation, Action<Operation>>)state!), Tuple.Create(this, cancelled));
        return new(this, _core.Version);
    }

    /// <summary>Reports that the log has the record, once only: a replayed record was reported before. Returns true on the first call.</summary>
    public bool ReportApplied()
    {
        if (!MayWait || Interlocked.Exchange(ref _isReported, 1) == 1)
            return false;
        Volatile.Read(ref _applied)?.TrySetResult();
        return true;
    }

    /// <summary>Ends the wait of the raising caller. Returns true if the code that ends the wait must then call <see cref="ResumeCaller"/>.</summary>
    public bool EndWait() => Interlocked.Exchange(ref _isWaitOver, 1) == 0;

    /// <summary>Resumes the raising caller before this method returns.</summary>
    public void ResumeCaller() => _core.SetResult(result: true);

    Operation IValueTaskSource<Operation>.GetResult(short token)
    {
        _core.GetResult(token);
        _cancellation.Dispose();
        if (!IsApplied)
            _token.ThrowIfCancellationRequested();
        return this;
    }

    ValueTaskSourceStatus IValueTaskSource<Operation>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<Operation>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private static void Cancelled(Tuple<Operation, Action<Operation>> cancelled) => cancelled.Item2(cancelled.Item1);
}
