using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Loading;
using Unstale.Log;
using Unstale.Node;
using Unstale.Predicates;
using Unstale.Rules;
using Unstale.Telemetry;
using Unstale.Transactions;
using Unstale.Values;

namespace Unstale.Invalidations;

/// <summary>Checks the names of an invalidation, adds their declared dependents, and passes the resulting record to the node.</summary>
internal sealed partial class Invalidator : IInvalidator, IDisposable
{
    private readonly LogPartitions _log;
    private readonly UnstaleOptions _options;
    private readonly InvalidationRules _rules;
    private readonly InvalidationBatcher _batcher;
    private readonly GuardedLogger _logger;
    private readonly string _cache;
    private readonly StoreContext _context;

    public Invalidator(LogPartitions log, UnstaleOptions options, InvalidationRules rules, StoreContext context)
    {
        (_cache, _log, _options, _rules, _logger, _context) = (context.Name, log, options, rules, context.Logger, context);
        _batcher = new InvalidationBatcher(context.Clock, () => rules.BatchDelay, RaiseDeferredAsync, BatchFailed);
        rules.ConditionFailed = ConditionFailed;
        rules.ColumnHash = log.ColumnHash;
    }

    /// <summary>Appends the pending batch and all outstanding repeats. Nothing is pending afterwards.</summary>
    public void Dispose() => _batcher.Dispose();

    public async ValueTask<InvalidationReceipt> InvalidateAsync(
        IEnumerable<string>? keys = null,
        IEnumerable<string>? tags = null,
        IEnumerable<KeyPattern>? patterns = null,
        IEnumerable<string>? allOf = null,
        string? reason = null,
        CancellationToken cancellationToken = default)
    {
        var named = new NamedTargets(_options.MaximumKeyLength).Keys(keys).Tags(tags).Patterns(patterns).AllOf(allOf);
        return await RaiseAsync(named, reason, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Invalidates every key of the list. An empty list has no effect. A refused key and an exception of the list are thrown afterwards.</summary>
    public ValueTask RemoveKeysAsync(IEnumerable<string> keys, CancellationToken cancellationToken) =>
        RemoveAsync(new NamedTargets(CacheNames.Longest).Keys(keys.Where(CacheNames.CanExist)), cancellationToken);

    /// <inheritdoc cref="RemoveKeysAsync"/>
    public ValueTask RemoveTagsAsync(IEnumerable<string> tags, CancellationToken cancellationToken) =>
        RemoveAsync(new NamedTargets(CacheNames.Longest).Tags(tags.Where(static tag => CacheNames.CanExist(tag) && !DependencyTag.Is(tag))), cancellationToken);

    private async ValueTask RemoveAsync(NamedTargets named, CancellationToken cancellationToken)
    {
        if (named.Count > 0 || named.Failure is not null)
            await RaiseAsync(named, reason: null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Invalidates the valid names. The first refusal is thrown afterwards, even if the wait fails.</summary>
    private async ValueTask<InvalidationReceipt> RaiseAsync(NamedTargets named, string? reason, CancellationToken cancellationToken)
    {
        if (named.Count == 0)
            throw named.NothingCounts();
        try
        {
            return await RaiseAsync(named.ToInvalidation(reason), recursive: true, AmbientScope.Current(), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            named.Failure?.Throw();
        }
    }

    public ValueTask<InvalidationReceipt> InvalidateKeyAsync(string key, string? reason = null, CancellationToken cancellationToken = default) =>
        RaiseAsync(KeyTarget(key), reason, cancellationToken);

    public ValueTask<InvalidationReceipt> InvalidateTagAsync(string tag, string? reason = null, CancellationToken cancellationToken = default) =>
        RaiseAsync(TagTarget(tag), reason, cancellationToken);

    public ValueTask<InvalidationReceipt> InvalidatePatternAsync(
        KeyPattern pattern, string? reason = null, CancellationToken cancellationToken = default) =>
        RaiseAsync(InvalidationTarget.ForPattern(pattern), reason, cancellationToken);

    public ValueTask<InvalidationReceipt> InvalidateEverythingAsync(string? reason = null, CancellationToken cancellationToken = default) =>
        RaiseAsync(InvalidationTarget.Everything, reason, cancellationToken);

    /// <summary>Invalidates the values that depend on changed rows, for an integration that has recorded a committed unit of work.</summary>
    /// <param name="changes">Changes, at least one.</param>
    /// <param name="reason">Reason, for diagnosis.</param>
    /// <param name="cancellationToken">Cancels the wait. The invalidation is not cancelled.</param>
    public ValueTask<InvalidationReceipt> ChangedRowsAsync(IReadOnlyList<RowChange> changes, string? reason, CancellationToken cancellationToken) =>
        RaiseAsync(RowBatch.ToInvalidation(changes, reason), recursive: true, AmbientScope.Current(), cancellationToken);

    /// <summary>
    /// Invalidates the values that depend on rows that a database has committed, or may have. No unit of work of the running code has any influence. Never
    /// fails: a caller that has written the rows must not fail any more.
    /// </summary>
    /// <param name="changes">Changes, at least one.</param>
    /// <param name="reason">Reason, for diagnosis.</param>
    public async ValueTask CommittedRowsAsync(IReadOnlyList<RowChange> changes, string? reason)
    {
        try
        {
            await RaiseAsync(RowBatch.ToInvalidation(changes, reason), recursive: true, unit: null, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _logger.CommittedNotRaised(exception, _cache);
        }
    }

    private InvalidationTarget KeyTarget(string key)
    {
        CacheNames.CheckKey(key, _options.MaximumKeyLength);
        return InvalidationTarget.ForKey(key);
    }

    private InvalidationTarget TagTarget(string tag)
    {
        CacheNames.CheckTag(tag, _options.MaximumKeyLength);
        return InvalidationTarget.ForTagOrAll(tag);
    }

    private ValueTask<InvalidationReceipt> RaiseAsync(in InvalidationTarget target, string? reason, CancellationToken cancellationToken)
    {
        var unit = AmbientScope.Current();
        if (!_rules.Dependencies.IsEmpty || _options.ReplicationLag > TimeSpan.Zero || unit is not null)
            return RaiseAsync(new Invalidation(target, reason), recursive: true, unit, cancellationToken);
        var span = Activities.Invalidate(_log.Name);
        if (span.Activity is null && _log.TryRaise(target, Invalidation.LimitReason(reason)) is { } receipt)
            return new(receipt);
        return ReceiptAsync(span, _log.RaiseAsync(target, reason, cancellationToken));
    }

    /// <summary>Invalidates targets. A large event becomes several records. The receipt belongs to the last record, after which all are in force.</summary>
    private ValueTask<InvalidationReceipt> RaiseAsync(Invalidation named, bool recursive, ScopeLedger? unit, CancellationToken cancellationToken)
    {
        if (unit is not null && Collected(unit, named, recursive) is { } collected)
            return new(collected);
        var invalidation = _rules.Dependencies.WithDependents(named, recursive);
        var span = Activities.Invalidate(_log.Name);
        var raised = _log.RaiseAsync(invalidation, cancellationToken);
        Repeat(invalidation);
        return ReceiptAsync(span, raised);
    }

    /// <summary>Returns the receipt of an operation after the wait for the log has ended.</summary>
    /// <exception cref="InvalidationLogUnavailableException">The log has not accepted the record, and the options require an exception.</exception>
    public InvalidationReceipt ReceiptOf(Horizon.Operation operation, bool isStored = false) => ThrowIfAway(new InvalidationReceipt(operation, _log) { IsStored = isStored });

    private InvalidationReceipt ThrowIfAway(InvalidationReceipt receipt) => AwayOf(receipt) is { } away ? throw away : receipt;

    private InvalidationLogUnavailableException? AwayOf(InvalidationReceipt receipt) =>
        _log.Options.WhenUnavailable == LogUnavailableBehavior.Throw && receipt.IsQueued
            ? new(Errors.LogAway(_log.Name, _log.Options.AppendTimeout), receipt)
            : null;

    private ValueTask<InvalidationReceipt> ReceiptAsync(GuardedSpan span, ValueTask<Horizon.Operation> raised, DeferredInvalidation? batch = null)
    {
        span.Leave();
        if (span.Activity is not null || !raised.IsCompletedSuccessfully)
            return AwaitedAsync(span, raised, batch);
        var operation = raised.Result;
        return operation is { IsApplied: true, Earlier.Count: 0 }
            ? new(new InvalidationReceipt(operation, _log, batch))
            : AwaitedAsync(span, new(operation), batch);
    }

    private async ValueTask<InvalidationReceipt> AwaitedAsync(GuardedSpan span, ValueTask<Horizon.Operation> operation, DeferredInvalidation? batch)
    {
        using (span)
            return ThrowIfAway(new InvalidationReceipt(await operation.ConfigureAwait(false), _log, batch));
    }
}
