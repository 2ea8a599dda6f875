namespace Unstale.Horizon;

/// <summary>
/// Appends replaced by one "everything". A long outage may replace any number of appends, so they are referenced weakly: each is stored only while
/// a caller may still query its outcome.
/// </summary>
internal sealed class CollapsedAppends
{
    private readonly Lock _gate = new();
    private readonly List<WeakReference<Operation>> _all = [];

    /// <summary>Appends with waiting callers. A waiting caller may have no other root than the append.</summary>
    private readonly List<Operation> _awaited = [];

    /// <summary>Records the replacement of an append, and of all appends already replaced by the given one.</summary>
    public void Add(Operation operation, Operation by)
    {
        foreach (var collapsed in operation.Covers?.Alive() ?? [])
            AddOne(collapsed, by);
        AddOne(operation, by);
    }

    public void Add(Operation operation)
    {
        lock (_gate)
            _awaited.Add(operation);
    }

    public List<Operation> Alive()
    {
        var alive = new List<Operation>();
        lock (_gate)
        {
            foreach (var reference in _all)
            {
                if (reference.TryGetTarget(out var operation))
                    alive.Add(operation);
            }
        }

        return alive;
    }

    private void AddOne(Operation operation, Operation by)
    {
        operation.CoveredBy = by;
        lock (_gate)
            _all.Add(new WeakReference<Operation>(operation));

        // Each side writes before it reads: either this thread sees the waiter, or the waiter sees the replacement.
        Interlocked.MemoryBarrier();
        if (operation.IsAwaited)
            Add(operation);
    }
}
