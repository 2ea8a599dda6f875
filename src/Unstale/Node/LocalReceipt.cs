using System.Runtime.CompilerServices;
using Unstale.Horizon;
using Unstale.Log;

namespace Unstale.Node;

/// <summary>
/// Invalidation of one target in a local log: receipt, record, mark of the sweep and counter of removed entries in one object, because such an
/// invalidation costs little more than its objects. Applied from the start.
/// </summary>
internal sealed class LocalReceipt : InvalidationReceipt, IRaisedInvalidation, ISweepMark, ISweepTicket, IRecordSource
{
    private const int Finished = int.MinValue;

    private readonly InvalidationTarget _target;

    /// <summary>Reason, or <see cref="RecordDetails"/>; null if there is neither a reason nor a trace.</summary>
    private readonly object? _details;
    private readonly long _time;
    private ISweepTicket? _sweep;
    private TaskCompletionSource<long>? _waiters;
    private int _removed;

    /// <summary>Number of entries removed by the sweep, and <see cref="Finished"/> after the pass.</summary>
    private int _swept;

    /// <param name="log">Log of the invalidation.</param>
    /// <param name="target">Invalidated target.</param>
    /// <param name="reason">Reason given by the caller.</param>
    /// <param name="trace">Trace of the caller.</param>
    /// <param name="id">Id of the record.</param>
    /// <param name="time">Time of the call, as <see cref="RecordFactory.Now"/>.</param>
    public LocalReceipt(LogPartitions log, in InvalidationTarget target, string? reason, string? trace, long id, long time)
        : base(log)
    {
        _target = target;
        _details = trace is null ? reason : new RecordDetails(reason, trace);
        (Id, _time) = (id, time);
    }

    public long Id { get; }

    /// <summary>Sequence in the log. Assigned before the receipt is visible to others.</summary>
    public long Sequence { get; set; }

    public ref readonly InvalidationTarget Target => ref _target;

    public bool IsFinished => (Volatile.Read(ref _swept) & Finished) != 0;

    public Task<long> Done
    {
        get
        {
            var created = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            var waiters = Interlocked.CompareExchange(ref _waiters, created, null) ?? created;

            // Each side writes before it reads: either this thread sees the end, or Finish sees the waiters.
            if (IsFinished)
                waiters.TrySetResult(Swept);
            return waiters.Task;
        }
    }

    ISweepTicket? ISweepMark.Ticket => _sweep;

    ISweepTicket? IRaisedInvalidation.Sweep
    {
        get => _sweep;
        set => _sweep = value;
    }

    private LogNode Node => Log.Nodes[0];

    private long Swept => Volatile.Read(ref _swept) & ~Finished;

    public ISweepTicket NewTicket() => this;

    public void CountRemoved(int target, int entries) => _removed += entries;

    /// <summary>Returns null: the target was named by the caller, and by no rule.</summary>
    public StrongBox<long>? CounterOf(int target) => null;

    public void Count() => Interlocked.Increment(ref _swept); // several caches of one log may sweep at once

    public void Finish()
    {
        Interlocked.Or(ref _swept, Finished);
        Volatile.Read(ref _waiters)?.TrySetResult(Swept);
    }

    public ReadOnlySpan<InvalidationTarget> Targets => new(in _target);

    public InvalidationRecord ToRecord()
    {
        var (reason, trace) = _details is RecordDetails details ? (details.Reason, details.Trace) : (_details as string, null);
        return Node.RecordOf(Id, _target, _time, reason, trace);
    }

    internal override async ValueTask<long> CountAsync(CancellationToken cancellationToken) =>
        _removed + (_sweep is { } sweep ? await WaitForReclaimAsync(Node, sweep).WaitAsync(cancellationToken).ConfigureAwait(false) : 0);

    private protected override LogPositions PositionsNow() => LogPositions.Of(Node.PositionAt(Sequence));

    private protected override void Converged() => Node.Lags.ConvergedSince(_time);

    private protected override int RemovedNow() => _removed;
}
