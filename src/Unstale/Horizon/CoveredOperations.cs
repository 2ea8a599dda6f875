namespace Unstale.Horizon;

/// <summary>
/// The operations of which an "everything" has taken the place. In a long outage there is no end of them, so they are kept only as long
/// as somebody could still ask what became of them.
/// </summary>
internal sealed class CoveredOperations
{
    private readonly Lock _gate = new();
    private readonly List<WeakReference<Operation>> _all = [];

    /// <summary>Those that are waited for: what waits for them may have no other root than they themselves.</summary>
    private readonly List<Operation> _waited = [];

    /// <summary>Takes the place of an operation, and of all whose place that one had taken.</summary>
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

        // Either this sees that somebody waits, or who begins to wait sees who covers: each writes before it reads.
        Interlocked.MemoryBarrier();
        if (operation.Wait is { IsWaitedFor: true })
            Hold(operation);
    }
}
