using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Unstale.Log;
using Unstale.Node;
using Unstale.Rules;
using Unstale.Telemetry;
using Unstale.Transactions;

namespace Unstale.Invalidations;

/// <content>Changes with their rules, and invalidations that are raised later.</content>
internal sealed partial class Invalidator
{
    public ValueTask<InvalidationReceipt> ChangedAsync(Change change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        return ChangedAsync(change, failure: null, cancellationToken);
    }

    public ValueTask<InvalidationReceipt> ChangedAsync(
        string resource,
        string? id,
        ChangeOperation operation = ChangeOperation.Update,
        IEnumerable<string>? fields = null,
        ChangeScope scope = ChangeScope.Resource,
        IReadOnlyDictionary<string, object?>? context = null,
        CancellationToken cancellationToken = default)
    {
        var known = FieldsOf(fields, out var failure);
        var change = new Change(resource, id, operation) { Scope = scope };
        if (known.Count > 0)
            change = change with { Fields = known };
        return ChangedAsync(context is null ? change : change with { Context = context }, failure, cancellationToken);
    }

    /// <summary>Reads the fields of a change. If the list throws, the fields are unknown and rules about any field apply.</summary>
    private static IReadOnlyList<string> FieldsOf(IEnumerable<string>? fields, out ExceptionDispatchInfo? failure)
    {
        failure = null;
        try
        {
            return fields is null ? [] : [.. fields];
        }
        catch (Exception exception)
        {
            failure = ExceptionDispatchInfo.Capture(exception);
            return [];
        }
    }

    /// <summary>Applies a change. A change whose id is refused is applied with an unknown id, and then the refusal is thrown.</summary>
    private ValueTask<InvalidationReceipt> ChangedAsync(Change change, ExceptionDispatchInfo? failure, CancellationToken cancellationToken)
    {
        if (change.Refusal(_options.MaximumKeyLength) is { } refusal)
        {
            failure ??= ExceptionDispatchInfo.Capture(refusal);
            change = change with { Id = null, Scope = ChangeScope.Resource };
            if (change.Refusal(_options.MaximumKeyLength) is not null)
                failure.Throw();
        }

        return failure is null ? RaiseAsync(change, cancellationToken) : FailingAsync(change, failure, cancellationToken);
    }

    private async ValueTask<InvalidationReceipt> FailingAsync(Change change, ExceptionDispatchInfo failure, CancellationToken cancellationToken)
    {
        try
        {
            await RaiseAsync(change, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not ChangeRefusedException)
        {
            // Only the wait has failed, not the invalidation: the first failure is thrown.
        }

        failure.Throw();
        throw failure.SourceException;
    }

    private ValueTask<InvalidationReceipt> RaiseAsync(Change change, CancellationToken cancellationToken)
    {
        var rules = _rules.Current;
        var evaluation = rules.Evaluate(change);
        if (_options.ChangeGuard is { } guard)
            Guard(guard, change, evaluation);
        if (AmbientScope.Current() is { } unit && Collected(unit, change, rules, evaluation) is { } collected)
            return new(collected);
        var (now, later) = TargetsOf(evaluation).Split();
        var span = Activities.Invalidate(_log.Name);
        var raised = _log.RaiseAsync(now!, cancellationToken); // the names of the change itself never wait
        Ran(evaluation);
        Repeat(now!);
        return ReceiptAsync(span, raised, later is null ? null : _batcher.Add(later));
    }

    /// <summary>
    /// Applies changes of committed work as one event, outside any unit of work. <see cref="UnstaleOptions.ChangeGuard"/> has no effect: a refusal could no
    /// longer prevent the changes.
    /// </summary>
    /// <param name="changes">Changes with valid names, at least one.</param>
    /// <param name="cancellationToken">Cancels the wait. The invalidation is not cancelled.</param>
    public ValueTask<InvalidationReceipt> CommittedAsync(IReadOnlyList<Change> changes, CancellationToken cancellationToken)
    {
        var rules = _rules.Current;
        var parts = new List<(Invalidation? Now, Invalidation? Later)>(changes.Count);
        foreach (var change in changes)
        {
            var evaluation = rules.Evaluate(change);
            Ran(evaluation);
            parts.Add(TargetsOf(evaluation).Split());
        }

        var span = Activities.Invalidate(_log.Name);
        var raised = _log.RaiseAsync(ScopeCommit.Merged(parts.ConvertAll(static of => of.Now!)), cancellationToken);
        foreach (var (now, _) in parts)
            Repeat(now!);
        var later = ScopeCommit.Merged([.. parts.Select(static of => of.Later).OfType<Invalidation>()]);
        return ReceiptAsync(span, raised, later.Count == 0 ? null : _batcher.Add(later[0]));
    }

    public ValueTask<InvalidationReceipt> InvalidateWithDependentsAsync(
        string key, bool recursive = true, string? reason = null, CancellationToken cancellationToken = default) =>
        RaiseAsync(new Invalidation(KeyTarget(key), reason), recursive, AmbientScope.Current(), cancellationToken);

    public InvalidationReceipt InvalidateLater(IEnumerable<string>? keys = null, IEnumerable<string>? tags = null, string? reason = null)
    {
        var named = new NamedTargets(_options.MaximumKeyLength).Keys(keys).Tags(tags);
        if (named.Count == 0)
            throw named.NothingCounts();
        try
        {
            var later = named.ToInvalidation(reason, InvalidationTiming.Batched);
            return (AmbientScope.Current() is { } unit ? Collected(unit, later, () => later) : null) ?? new(immediate: null, _log, _batcher.Add(later));
        }
        finally
        {
            named.Failure?.Throw();
        }
    }

    public async ValueTask<long> FlushAsync(CancellationToken cancellationToken = default)
    {
        long removed = 0;
        foreach (var operation in await _batcher.FlushAsync(cancellationToken).ConfigureAwait(false))
        {
            var receipt = ReceiptOf(operation);
            removed += receipt.IsQueued ? receipt.LocalEntriesRemoved : await receipt.WaitForReclaimAsync(cancellationToken).ConfigureAwait(false);
        }

        return removed;
    }

    /// <exception cref="ArgumentException">A name of the change is empty or too long, or <see cref="ChangeScope.Entity"/> is used without an id.</exception>
    public void Check(Change change)
    {
        if (change.Refusal(_options.MaximumKeyLength) is { } refusal)
            throw refusal;
    }

    /// <summary>Returns the declared dependents of a key whose record is appended outside this class; null if there are none.</summary>
    public Invalidation? DependentsOf(string key)
    {
        if (_rules.Dependencies.IsEmpty)
            return null;
        var all = _rules.Dependencies.WithDependents(new Invalidation(InvalidationTarget.ForKey(key), reason: null));
        return all.Count == 1 ? null : all with { Items = all.Items[1..] };
    }

    public RuleSetStatistics Statistics(long entriesInvalidated)
    {
        var (tags, keys, others) = _batcher.Pending();
        return _rules.Statistics(tags, keys, others, _rules.BatchDelay, entriesInvalidated);
    }

    /// <summary>Appends targets that were raised later: a batch with the dependents declared at this moment, or a repeat.</summary>
    private ValueTask<Horizon.Operation> RaiseDeferredAsync(DeferredInvalidation deferred)
    {
        var collected = deferred.ToInvalidation();
        if (deferred.IsRepeat)
            return _log.RaiseAsync(collected with { Reason = $"repeated: {collected.Reason}" }, CancellationToken.None);
        var expanded = _rules.Dependencies.WithDependents(collected);
        var raised = _log.RaiseAsync(expanded, CancellationToken.None);
        Repeat(expanded);
        return raised;
    }

    /// <summary>Returns the targets to raise for a change, with declared dependents. Names longer than those of any entry are left out.</summary>
    private Invalidation TargetsOf(in RuleEvaluation evaluation) =>
        _rules.Dependencies.WithDependents(evaluation.Invalidation.WithoutLongNames(_options.MaximumKeyLength)!);

    private void Ran(in RuleEvaluation evaluation)
    {
        _rules.Ran(evaluation);
        foreach (var run in evaluation.Runs)
        {
            if (run.Missing > 0 && run.Rule.Counters.MissedFirst())
                _logger.RuleValueMissing(_cache, run.Rule.Rule.Name);
        }
    }

    private void Repeat(Invalidation raised)
    {
        if (_options.ReplicationLag > TimeSpan.Zero)
            _batcher.Repeat(raised, _options.ReplicationLag);
    }

    private void ConditionFailed(CompiledRule rule, Exception exception) =>
        _logger.RuleConditionFailed(rule.ConditionFailures == 1 ? LogLevel.Warning : LogLevel.Debug, exception, _cache, rule.Rule.Name);

    private void BatchFailed(Exception exception, int targets) => _logger.BatchNotRaised(exception, _cache, targets);
}
