using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Unstale.Log;
using Unstale.Rules;
using Unstale.Telemetry;

namespace Unstale;

/// <content>Changes with their rules, and the batch window.</content>
internal sealed partial class Invalidator
{
    private readonly StrongBox<long> _entriesOfChanges = new();

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
        var change = new Change(resource, id, operation) { Fields = known, Scope = scope };
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
        if (RefusalOf(change) is { } refusal)
        {
            failure ??= ExceptionDispatchInfo.Capture(refusal);
            change = change with { Id = null, Scope = ChangeScope.Resource };
            if (RefusalOf(change) is not null)
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
        var expansion = rules.Expand(change);
        Guard(change, expansion);
        if (Collected(change, rules, expansion) is { } collected)
            return new(collected);
        var records = RecordsOf(change, expansion);
        var span = Activities.Invalidate(_log.Name);
        var raised = _log.RaiseAsync(records.Now, cancellationToken);
        Ran(expansion);
        records.Now.ForEach(Repeat);
        return ReceiptAsync(span, raised, records.Later is { } later ? _window.Add(later) : null);
    }

    public ValueTask<InvalidationReceipt> InvalidateWithDependentsAsync(
        string key, bool recursive = true, string? reason = null, CancellationToken cancellationToken = default) =>
        RaiseAsync(new Invalidation([KeyTarget(key)], Cut(reason)), recursive, cancellationToken);

    public InvalidationReceipt Schedule(IEnumerable<string>? keys = null, IEnumerable<string>? tags = null, string? reason = null)
    {
        var named = new NamedTargets(_options.MaximumKeyLength).Keys(keys).Tags(tags);
        if (named.Count == 0)
            throw named.NothingCounts();
        try
        {
            var later = new Invalidation(named.Targets, reason);
            return CollectedLater(later) ?? new(immediate: null, _log, _window.Add(later));
        }
        finally
        {
            named.Failure?.Throw();
        }
    }

    public async ValueTask<long> FlushAsync(CancellationToken cancellationToken = default)
    {
        long removed = 0;
        foreach (var operation in await _window.FlushAsync(cancellationToken).ConfigureAwait(false))
        {
            var receipt = ReceiptOf(operation);
            removed += receipt.IsQueued ? receipt.RemovedHere : await receipt.SweptAsync(cancellationToken).ConfigureAwait(false);
        }

        return removed;
    }

    /// <exception cref="ArgumentException">A name of the change is empty or too long, or <see cref="ChangeScope.Entity"/> is used without an id.</exception>
    public void Check(Change change)
    {
        if (RefusalOf(change) is { } refusal)
            throw refusal;
    }

    private ArgumentException? RefusalOf(Change change)
    {
        if (change.Refusal() is { } refusal)
            return refusal;
        foreach (var tag in change.Tags())
        {
            if (CacheNames.TagRefusal(tag, _options.MaximumKeyLength) is { } refused)
                return refused;
        }

        return null;
    }

    /// <summary>Returns the declared dependents of a key whose record is appended outside this class; null if there are none.</summary>
    public Invalidation? DependentsOf(string key)
    {
        if (_rules.Dependencies.IsEmpty)
            return null;
        var all = _rules.Dependencies.Expand(new Invalidation([InvalidationTarget.ForKey(key)], Reason: null));
        return all.Targets.Length == 1 ? null : all with { Targets = all.Targets[1..], Origins = all.Origins![1..], Counters = all.Counters![1..] };
    }

    public RuleSetStatistics Statistics(long entriesInvalidated)
    {
        var (tags, keys, others) = _window.Pending();
        return _rules.Statistics(tags, keys, others, _rules.BatchDelay, entriesInvalidated, Interlocked.Read(ref _entriesOfChanges.Value));
    }

    /// <summary>Appends a batch with the dependents declared at this moment.</summary>
    private ValueTask<Horizon.Operation> RaiseBatchAsync(Invalidation batch)
    {
        var expanded = _rules.Dependencies.Expand(batch with { Reason = Cut(batch.Reason) });
        var raised = _log.RaiseAsync(expanded, CancellationToken.None);
        Repeat(expanded);
        return raised;
    }

    private void Ran(Expansion expansion)
    {
        _rules.Ran(expansion);
        foreach (var step in expansion.Steps)
        {
            if (step is { Missing: > 0, Rule: { } rule } && rule.Tally.MissedFirst())
                _logger.RuleValueMissing(_cache, rule.Rule.Name);
        }
    }

    private void ConditionFailed(RuleState rule, Exception exception) =>
        _logger.RuleConditionFailed(rule.ConditionFailures == 1 ? LogLevel.Warning : LogLevel.Debug, exception, _cache, rule.Rule.Name);

    private void BatchFailed(Exception exception, int targets) => _logger.BatchNotRaised(exception, _cache, targets);
}
