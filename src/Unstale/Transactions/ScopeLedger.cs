using System.Collections.ObjectModel;
using Unstale.Node;

namespace Unstale.Transactions;

/// <summary>
/// Calls collected by a unit of work until its outcome is decided. The ledger's lock is the innermost: no other code is called under it, least of all a
/// transaction.
/// </summary>
internal sealed class ScopeLedger
{
    private readonly Lock _gate = new();
    private readonly List<ScopeItem> _items = [];
    private readonly Dictionary<IScopeRaiser, List<ScopeOutcome>> _outcomes = [];
    private readonly Dictionary<LogPartitions, UncommittedTargets> _uncommitted = [];
    private ScopeState _state;
    private long _replicationLag;
    private int _openInside;

    /// <summary>Whether the ledger belongs to a transaction, which alone decides the outcome.</summary>
    public bool IsOfTransaction { get; init; }

    /// <summary>Minimum delay after which calls added from now on are repeated once.</summary>
    public TimeSpan ReplicationLag
    {
        get => new(Interlocked.Read(ref _replicationLag));
        set => Interlocked.Exchange(ref _replicationLag, value.Ticks);
    }

    /// <summary>Number of open scopes that will hand their calls to this ledger.</summary>
    public int OpenInside => Volatile.Read(ref _openInside);

    public void OpenedInside() => Interlocked.Increment(ref _openInside);

    public void ClosedInside() => Interlocked.Decrement(ref _openInside);

    /// <summary>Adds one call.</summary>
    /// <returns>Receipt of the call; null if the outcome of the unit of work is already decided.</returns>
    public InvalidationReceipt? TryAdd(ScopeItem item, out ScopeState state)
    {
        if (item.ReplicationLag < ReplicationLag)
            item = item with { ReplicationLag = ReplicationLag };
        lock (_gate)
        {
            state = _state;
            if (state != ScopeState.Open)
                return null;
            Add_NeedsLock(item);
            return OutcomeOf_NeedsLock(item.By).Receipt;
        }
    }

    /// <summary>Returns the outcome for the calls of one cache, even if the cache has none.</summary>
    public ScopeOutcome OutcomeOf(IScopeRaiser raiser)
    {
        lock (_gate)
            return OutcomeOf_NeedsLock(raiser);
    }

    /// <summary>Returns true if a collected invalidation affects the entry.</summary>
    public bool HasUncommitted(LogPartitions log, ReadOnlySpan<char> key, ReadOnlySpan<string> carried)
    {
        lock (_gate)
            return _uncommitted.TryGetValue(log, out var held) && held.Concerns(key, carried);
    }

    public bool HasAnyUncommitted(LogPartitions log)
    {
        lock (_gate)
            return _uncommitted.ContainsKey(log);
    }

    /// <summary>Hands all calls to the outer ledger, whose outcome then applies to all, even if already decided.</summary>
    public ScopeCommit HandTo(ScopeLedger outer)
    {
        if (!Close(ScopeState.HandedOn, out var items, out var outcomes))
            return ScopeCommit.Nothing;
        var commit = ScopeCommit.Nothing;
        switch (outer.Accept(items, outcomes))
        {
            case ScopeState.Open:
                break;
            case ScopeState.Dropped:
                Drop(outcomes);
                break;
            default:
                commit = ScopeCommit.Begin(items, outcomes);
                break;
        }

        Release();
        return commit;
    }

    /// <summary>Applies all collected invalidations, because the work was or may have been committed. All are in force on return.</summary>
    public ScopeCommit Raise()
    {
        if (!Close(ScopeState.Raised, out var items, out var outcomes))
            return ScopeCommit.Nothing;
        try
        {
            return ScopeCommit.Begin(items, outcomes);
        }
        finally
        {
            Release(); // after the marks are set, so that a read of this flow always finds the held targets or the marks
        }
    }

    /// <summary>Discards all collected invalidations, because the work was not committed.</summary>
    public void Drop()
    {
        if (Close(ScopeState.Dropped, out _, out var outcomes))
            Drop(outcomes);
        Release();
    }

    private void Add_NeedsLock(ScopeItem item)
    {
        if (_items.Count == 0)
            AmbientScope.BeginUncommitted();
        _items.Add(item);
        if (!_uncommitted.TryGetValue(item.By.Log, out var held))
            _uncommitted.Add(item.By.Log, held = new());
        held.Add(item.Known);
    }

    private ScopeOutcome OutcomeOf_NeedsLock(IScopeRaiser raiser)
    {
        if (!_outcomes.TryGetValue(raiser, out var outcomes))
            _outcomes.Add(raiser, outcomes = [new ScopeOutcome(this, raiser.Log)]);
        return outcomes[0];
    }

    private static void Drop(IReadOnlyDictionary<IScopeRaiser, List<ScopeOutcome>> outcomes)
    {
        foreach (var outcome in outcomes.Values.SelectMany(static waiting => waiting))
            outcome.End(receipt: null);
    }

    private ScopeState Accept(IReadOnlyList<ScopeItem> items, IReadOnlyDictionary<IScopeRaiser, List<ScopeOutcome>> outcomes)
    {
        lock (_gate)
        {
            if (_state != ScopeState.Open)
                return _state;
            foreach (var item in items)
                Add_NeedsLock(item);
            foreach (var (raiser, waiting) in outcomes)
            {
                OutcomeOf_NeedsLock(raiser);
                _outcomes[raiser].AddRange(waiting);
                foreach (var outcome in waiting)
                    outcome.Ledger = this;
            }

            return ScopeState.Open;
        }
    }

    /// <summary>Closes the ledger and returns its content. Reads still exclude the collected targets until the release.</summary>
    /// <returns>False if the ledger was closed before.</returns>
    private bool Close(ScopeState state, out IReadOnlyList<ScopeItem> items, out IReadOnlyDictionary<IScopeRaiser, List<ScopeOutcome>> outcomes)
    {
        (items, outcomes) = ([], ReadOnlyDictionary<IScopeRaiser, List<ScopeOutcome>>.Empty);
        lock (_gate)
        {
            if (_state != ScopeState.Open)
                return false;
            _state = state;
            (items, outcomes) = ([.. _items], _outcomes.ToDictionary());
            return true;
        }
    }

    private void Release()
    {
        lock (_gate)
        {
            if (_items.Count == 0)
                return;
            _items.Clear();
            _uncommitted.Clear();
        }

        AmbientScope.Release();
    }
}
