namespace Unstale.Horizon;

/// <summary>
/// Operations replaced by one "everything". A long outage may replace any number of operations, so they are referenced weakly: each is stored only
/// while a caller may still query its outcome.
/// </summary>
internal sealed class CoveredOperations
{
    private readonly Lock _gate = new();
    private readonly List<WeakReference<Operation>> _all = [];

    /// <summary>Operations with waiting callers. A waiting caller may have no other root than the operation.</summary>
    private readonly List<Operation> _waited = [];

    /// <summary>Records the replacement of an operation, and of all operations already replaced by the given one.</summary>
    public void Add(Operation operation, Operation by)
    {
        foreach (var covered in operation.Covers?.Alive() ?? [])
            AddOne(covered, by);
        AddOne(operation, by);
    }

    public void Hold(Operation operation)
    {
        lock (_gate)
            _waited.Add(operation);
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
        if (operation.Wait is { IsWaitedFor: true })
            Hold(operation);
    }
}
