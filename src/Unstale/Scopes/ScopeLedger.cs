using Unstale.Node;

namespace Unstale;

/// <summary>
/// What a unit of work has raised, until it is known whether it came about. Its lock is the innermost: nothing is called under it, least of
/// all a transaction.
/// </summary>
internal sealed class ScopeLedger
{
    private readonly Lock _gate = new();
    private readonly List<ScopeItem> _items = [];
    private readonly Dictionary<IScopeRaiser, List<ScopeOutcome>> _outcomes = [];
    private readonly Dictionary<LogPartitions, HeldTargets> _held = [];
    private ScopeState _state;
    private long _repeatAfter;
    private int _openInside;

    /// <summary>It is that of a transaction, which alone says what becomes of it.</summary>
    public bool IsOfTransaction { get; init; }

    /// <summary>After which time what is added from now on is raised once more, at least.</summary>
    public TimeSpan RepeatAfter
    {
        get => new(Interlocked.Read(ref _repeatAfter));
        set => Interlocked.Exchange(ref _repeatAfter, value.Ticks);
    }

    /// <summary>How many scopes are open that are to hand over to this.</summary>
    public int OpenInside => Volatile.Read(ref _openInside);

    public void OpenedInside() => Interlocked.Increment(ref _openInside);

    public void ClosedInside() => Interlocked.Decrement(ref _openInside);

    /// <summary>Adds one call.</summary>
    /// <returns>What becomes of it; null if it is known already what became of the work.</returns>
    public InvalidationReceipt? TryAdd(ScopeItem item, out ScopeState state)
    {
        if (item.RepeatAfter < RepeatAfter)
            item = item with { RepeatAfter = RepeatAfter };
        lock (_gate)
        {
            state = _state;
            if (state != ScopeState.Open)
                return null;
            Add_NeedsLock(item);
            return OutcomeOf_NeedsLock(item.By).Receipt;
        }
    }

    /// <summary>The receipt of what one cache raises here, whether it does or not.</summary>
    public ScopeOutcome OutcomeOf(IScopeRaiser raiser)
    {
        lock (_gate)
            return OutcomeOf_NeedsLock(raiser);
    }

    /// <summary>True if an entry is concerned by what was raised here.</summary>
    public bool Holds(LogPartitions log, ReadOnlySpan<char> key, ReadOnlySpan<string> carried)
    {
        lock (_gate)
            return _held.TryGetValue(log, out var held) && held.Concerns(key, carried);
    }

    public bool HoldsAny(LogPartitions log)
    {
        lock (_gate)
            return _held.ContainsKey(log);
    }

    /// <summary>Gives all of it to the one around it, and to whatever becomes of that.</summary>
    public ScopeRaise HandTo(ScopeLedger outer)
    {
        if (Take(ScopeState.HandedOn) is not { } taken)
            return ScopeRaise.Nothing;
        var raise = ScopeRaise.Nothing;
        switch (outer.Accept(taken))
        {
            case ScopeState.Open:
                break;
            case ScopeState.Dropped:
                taken.Drop();
                break;
            default:
                raise = ScopeRaise.Begin(taken);
                break;
        }

        Release();
        return raise;
    }

    /// <summary>It came about: all of it is in force when this returns.</summary>
    public ScopeRaise Raise()
    {
        if (Take(ScopeState.Raised) is not { } taken)
            return ScopeRaise.Nothing;
        try
        {
            return ScopeRaise.Begin(taken);
        }
        finally
        {
            Release(); // after the marks: no read of this flow finds neither
        }
    }

    /// <summary>It did not come about.</summary>
    public void Drop()
    {
        Take(ScopeState.Dropped)?.Drop();
        Release();
    }

    private void Add_NeedsLock(ScopeItem item)
    {
        if (_items.Count == 0)
            ScopeFlow.Hold();
        _items.Add(item);
        if (!_held.TryGetValue(item.By.Log, out var held))
            _held.Add(item.By.Log, held = new());
        foreach (ref readonly var target in item.Held.AsSpan())
            held.Add(target);
    }

    private ScopeOutcome OutcomeOf_NeedsLock(IScopeRaiser raiser)
    {
        if (!_outcomes.TryGetValue(raiser, out var outcomes))
            _outcomes.Add(raiser, outcomes = [new ScopeOutcome(this, raiser.Log)]);
        return outcomes[0];
    }

    private ScopeState Accept(ScopeTaken taken)
    {
        lock (_gate)
        {
            if (_state != ScopeState.Open)
                return _state;
            foreach (var item in taken.Items)
                Add_NeedsLock(item);
            foreach (var (raiser, outcomes) in taken.Outcomes)
            {
                OutcomeOf_NeedsLock(raiser);
                _outcomes[raiser].AddRange(outcomes);
                foreach (var outcome in outcomes)
                    outcome.Ledger = this;
            }

            return ScopeState.Open;
        }
    }

    /// <summary>Once; from then on nothing is collected. What is taken is still held from reads.</summary>
    private ScopeTaken? Take(ScopeState state)
    {
        lock (_gate)
        {
            if (_state != ScopeState.Open)
                return null;
            _state = state;
            return new([.. _items], _outcomes.ToDictionary());
        }
    }

    private void Release()
    {
        lock (_gate)
        {
            if (_items.Count == 0)
                return;
            _items.Clear();
            _held.Clear();
        }

        ScopeFlow.Release();
    }
}
