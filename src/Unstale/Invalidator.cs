using System.Text;
using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Log;
using Unstale.Node;
using Unstale.Rules;
using Unstale.Store;
using Unstale.Telemetry;

namespace Unstale;

/// <summary>Checks the names of an invalidation, adds their declared dependents, and passes the resulting record to the node.</summary>
internal sealed partial class Invalidator : IInvalidator, IDisposable
{
    private const int MaximumReasonBytes = 512;

    private readonly LogPartitions _log;
    private readonly UnstaleOptions _options;
    private readonly InvalidationRules _rules;
    private readonly BatchWindow _window;
    private readonly GuardedLogger _logger;
    private readonly string _cache;
    private readonly StoreContext _context;

    public Invalidator(LogPartitions log, UnstaleOptions options, InvalidationRules rules, StoreContext context)
    {
        (_cache, _log, _options, _rules, _logger, _context) = (context.Name, log, options, rules, context.Logger, context);
        _window = new BatchWindow(context.Clock, () => rules.BatchDelay, RaiseBatchAsync, BatchFailed);
        _repeats = new Repeats(context.Clock, RaiseRepeatAsync, BatchFailed);
        rules.ConditionFailed = ConditionFailed;
    }

    /// <summary>Appends the pending batch and all outstanding repeats. Nothing is pending afterwards.</summary>
    public void Dispose()
    {
        _window.Dispose();
        _repeats.Dispose();
    }

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
        RemoveAsync(new NamedTargets(_options.MaximumKeyLength).Keys(keys), cancellationToken);

    /// <inheritdoc cref="RemoveKeysAsync"/>
    public ValueTask RemoveTagsAsync(IEnumerable<string> tags, CancellationToken cancellationToken) =>
        RemoveAsync(new NamedTargets(_options.MaximumKeyLength).Tags(tags), cancellationToken);

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
            return await RaiseAsync(named.Targets, reason, cancellationToken).ConfigureAwait(false);
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

    private InvalidationTarget KeyTarget(string key)
    {
        CacheNames.CheckKey(key, _options.MaximumKeyLength);
        return InvalidationTarget.ForKey(key);
    }

    private InvalidationTarget TagTarget(string tag)
    {
        CacheNames.CheckTag(tag, _options.MaximumKeyLength);
        return NamedTargets.ForTag(tag);
    }

    private ValueTask<InvalidationReceipt> RaiseAsync(in InvalidationTarget target, string? reason, CancellationToken cancellationToken)
    {
        if (!_rules.Dependencies.IsEmpty || _options.RepeatAfter > TimeSpan.Zero || ScopeFlow.Current() is not null)
            return RaiseAsync([target], reason, cancellationToken);
        var span = Activities.Invalidate(_log.Name);
        if (span.Activity is null && _log.TryRaise(target, Cut(reason)) is { } receipt)
            return new(receipt);
        return ReceiptAsync(span, _log.RaiseAsync(target, Cut(reason), cancellationToken));
    }

    private ValueTask<InvalidationReceipt> RaiseAsync(InvalidationTarget[] targets, string? reason, CancellationToken cancellationToken) =>
        RaiseAsync(new Invalidation(targets, Cut(reason)), recursive: true, cancellationToken);

    /// <summary>Invalidates targets. A large event becomes several records. The receipt belongs to the last record, after which all are in force.</summary>
    private ValueTask<InvalidationReceipt> RaiseAsync(Invalidation named, bool recursive, CancellationToken cancellationToken)
    {
        if (Collected(named, recursive) is { } collected)
            return new(collected);
        var invalidation = _rules.Dependencies.Expand(named, recursive);
        var span = Activities.Invalidate(_log.Name);
        var raised = _log.RaiseAsync(invalidation, cancellationToken);
        Repeat(invalidation);
        return ReceiptAsync(span, raised);
    }

    /// <summary>Returns the receipt of an operation after the wait for the log has ended.</summary>
    /// <exception cref="LogAwayException">The log has not accepted the record, and the options require an exception.</exception>
    public InvalidationReceipt ReceiptOf(Horizon.Operation operation) => Told(new InvalidationReceipt(operation, _log));

    private InvalidationReceipt Told(InvalidationReceipt receipt) => AwayOf(receipt) is { } away ? throw away : receipt;

    private LogAwayException? AwayOf(InvalidationReceipt receipt) =>
        _options.WhenLogIsAway == UnsentInvalidations.Throw && receipt.IsQueued
            ? new(Errors.LogAway(_log.Name, _options.AppendDeadline), receipt)
            : null;

    private ValueTask<InvalidationReceipt> ReceiptAsync(GuardedSpan span, ValueTask<Horizon.Operation> raised, Batch? batch = null)
    {
        span.Leave();
        if (span.Activity is not null || !raised.IsCompletedSuccessfully)
            return AwaitedAsync(span, raised, batch);
        var operation = raised.Result;
        return operation is { IsApplied: true, Earlier.Count: 0 }
            ? new(new InvalidationReceipt(operation, _log, batch))
            : AwaitedAsync(span, new(operation), batch);
    }

    private async ValueTask<InvalidationReceipt> AwaitedAsync(GuardedSpan span, ValueTask<Horizon.Operation> operation, Batch? batch)
    {
        using (span)
            return Told(new InvalidationReceipt(await operation.ConfigureAwait(false), _log, batch));
    }

    /// <summary>Shortens a reason to 512 bytes of UTF-8 at a character boundary. Replaces an unpaired surrogate with the replacement character.</summary>
    private static string? Cut(string? reason)
    {
        if (reason is not null && CacheNames.HalfPairIn(reason) >= 0)
            reason = string.Concat(reason.EnumerateRunes());
        if (reason is null || reason.Length <= MaximumReasonBytes / 3 || Encoding.UTF8.GetByteCount(reason) <= MaximumReasonBytes)
            return reason;
        var bytes = 0;
        var length = 0;
        foreach (var rune in reason.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > MaximumReasonBytes)
                break;
            length += rune.Utf16SequenceLength;
        }

        return reason[..length];
    }
}
