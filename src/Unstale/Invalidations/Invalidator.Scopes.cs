using System.Transactions;
using Unstale.Horizon;
using Unstale.Log;
using Unstale.Node;
using Unstale.Predicates;
using Unstale.Rules;
using Unstale.Telemetry;
using Unstale.Transactions;

namespace Unstale.Invalidations;

/// <content>Units of work.</content>
internal sealed partial class Invalidator : IScopeRaiser
{
    LogPartitions IScopeRaiser.Log => _log;

    public InvalidationScope BeginScope(bool joinsOuter = true) => new(this, joinsOuter);

    async ValueTask<Operation> IScopeRaiser.RaiseAsync(IReadOnlyList<Invalidation> records)
    {
        using var activity = Activities.Invalidate(_log.Name);
        return await _log.RaiseAsync(records, CancellationToken.None).ConfigureAwait(false);
    }

    DeferredInvalidation IScopeRaiser.InvalidateLater(Invalidation later) => _batcher.Add(later);

    void IScopeRaiser.Repeat(Invalidation invalidation, TimeSpan after) => _batcher.Repeat(invalidation, after);

    InvalidationLogUnavailableException? IScopeRaiser.AwayOf(InvalidationReceipt receipt) => AwayOf(receipt);

    void IScopeRaiser.CouldNotRaise(Exception exception) => _logger.CommittedNotRaised(exception, _cache);

    /// <summary>Collects changed rows until the end of a transaction in which a connection is enlisted.</summary>
    /// <param name="changes">Changes, at least one.</param>
    /// <param name="reason">Reason, for diagnosis.</param>
    /// <param name="transaction">Transaction, which need not be the current one of the flow; null for none.</param>
    /// <returns>False if the transaction has ended, or there is none, and the rows may be committed.</returns>
    public bool CollectRows(IReadOnlyList<RowChange> changes, string? reason, Transaction? transaction) =>
        transaction is not null && Collected(TransactionLedgers.For(transaction), RowBatch.ToInvalidation(changes, reason), recursive: true) is not null;

    /// <summary>
    /// Collects changed rows of an open database transaction in the innermost scope of the flow, so that the flow reads its own writes. At the end of the
    /// scope the rows are invalidated, unless the outcome of the transaction is known by then.
    /// </summary>
    /// <param name="changes">Changes, at least one.</param>
    /// <param name="reason">Reason, for diagnosis.</param>
    /// <param name="isDecided">Returns whether the outcome of the transaction is known; null if the scope alone decides.</param>
    public void HoldRows(IReadOnlyList<RowChange> changes, string? reason, Func<bool>? isDecided)
    {
        if (AmbientScope.Innermost is not { } scope)
            return;
        var known = RowBatch.ToInvalidation(changes, reason);
        scope.Ledger.TryAdd(new ScopeItem(this, known, () => isDecided?.Invoke() == true ? known with { Items = default } : known), out _);
    }

    /// <summary>
    /// Collects an invalidation of the key in place of storing the value, which may never be committed. Returns false outside a unit of work.
    /// </summary>
    public bool CollectedSet(string key) => CollectedKey(key, "set") is not null;

    /// <summary>Collects an invalidation of the key without the version, which may never be committed. Returns null outside a unit of work.</summary>
    public InvalidationReceipt? CollectedWrite(string key) => CollectedKey(key, "write-through");

    private InvalidationReceipt? CollectedKey(string key, string reason) =>
        AmbientScope.Current() is { } unit ? Collected(unit, new Invalidation(InvalidationTarget.ForKey(key), reason), recursive: true) : null;

    /// <summary>Adds an invalidation with its declared dependents to the unit of work, where the ones declared at the end are invalidated.</summary>
    /// <returns>Receipt of the call; null if the call must be applied at once.</returns>
    private InvalidationReceipt? Collected(ScopeLedger unit, Invalidation named, bool recursive) =>
        Collected(unit, _rules.Dependencies.WithDependents(named, recursive), () => _rules.Dependencies.WithDependents(named, recursive));

    private InvalidationReceipt? Collected(ScopeLedger unit, Change change, RuleSet rules, RuleEvaluation evaluation)
    {
        return Collected(unit, TargetsOf(evaluation), AtEnd);

        // Applies the rules in force at the end of the unit of work. Conditions are evaluated again only if the rules have changed.
        Invalidation AtEnd()
        {
            var current = _rules.Current;
            var last = current == rules ? evaluation : current.Evaluate(change);
            Ran(last);
            return TargetsOf(last);
        }
    }

    private InvalidationReceipt? Collected(ScopeLedger unit, Invalidation known, Func<Invalidation> atEnd) =>
        AmbientScope.Collect(unit, new ScopeItem(this, known, atEnd) { ReplicationLag = _options.ReplicationLag });
}
