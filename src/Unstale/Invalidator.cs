using System.Diagnostics;
using System.Text;
using Unstale.Log;
using Unstale.Node;
using Unstale.Telemetry;

namespace Unstale;

/// <summary>Checks what is named, makes one record of it and hands it to the node.</summary>
internal sealed class Invalidator(LogNode node, UnstaleOptions options) : IInvalidator
{
    private const int MaximumReasonBytes = 512;
    private const string Everything = "*";

    public async ValueTask<InvalidationReceipt> InvalidateAsync(
        IEnumerable<string>? keys = null,
        IEnumerable<string>? tags = null,
        IEnumerable<KeyPattern>? patterns = null,
        string? reason = null,
        CancellationToken cancellationToken = default)
    {
        var targets = new List<InvalidationTarget>(CountOf(keys) + CountOf(tags) + CountOf(patterns));
        foreach (var key in keys ?? [])
            targets.Add(KeyTarget(key));
        foreach (var tag in tags ?? [])
            targets.Add(TagTarget(tag));
        foreach (var pattern in patterns ?? [])
            targets.Add(InvalidationTarget.ForPattern(pattern));
        if (targets.Count == 0)
            throw Errors.NothingNamed();
        var seen = new HashSet<InvalidationTarget>(targets.Count);
        targets.RemoveAll(target => !seen.Add(target));
        return await RaiseAsync([.. targets], reason, cancellationToken).ConfigureAwait(false);
    }

    private static int CountOf<T>(IEnumerable<T>? named) => named is not null && named.TryGetNonEnumeratedCount(out var count) ? count : 0;

    public ValueTask<InvalidationReceipt> InvalidateKeyAsync(string key, string? reason = null, CancellationToken cancellationToken = default) =>
        RaiseAsync(KeyTarget(key), reason, cancellationToken);

    public ValueTask<InvalidationReceipt> InvalidateTagAsync(string tag, string? reason = null, CancellationToken cancellationToken = default) =>
        RaiseAsync(TagTarget(tag), reason, cancellationToken);

    public ValueTask<InvalidationReceipt> InvalidatePatternAsync(
        KeyPattern pattern, string? reason = null, CancellationToken cancellationToken = default) =>
        RaiseAsync(InvalidationTarget.ForPattern(pattern), reason, cancellationToken);

    public ValueTask<InvalidationReceipt> InvalidateEverythingAsync(string? reason = null, CancellationToken cancellationToken = default) =>
        RaiseAsync(InvalidationTarget.Everything, reason, cancellationToken);

    public ValueTask<InvalidationReceipt> ChangedAsync(
        string resource,
        string? id,
        ChangeOperation operation = ChangeOperation.Update,
        IEnumerable<string>? fields = null,
        ChangeScope scope = ChangeScope.Resource,
        CancellationToken cancellationToken = default)
    {
        var change = new Change(resource, id, operation) { Fields = [.. fields ?? []], Scope = scope };
        InvalidationTarget[] targets = [.. change.Tags().Select(TagTarget)];
        return RaiseAsync(targets, change.ToString(), cancellationToken);
    }

    private InvalidationTarget KeyTarget(string key)
    {
        CacheNames.CheckKey(key, options.MaximumKeyLength);
        return InvalidationTarget.ForKey(key);
    }

    private InvalidationTarget TagTarget(string tag)
    {
        CacheNames.CheckTag(tag, options.MaximumKeyLength);
        return string.Equals(tag, Everything, StringComparison.Ordinal) ? InvalidationTarget.Everything : InvalidationTarget.ForTag(tag);
    }

    private ValueTask<InvalidationReceipt> RaiseAsync(InvalidationTarget target, string? reason, CancellationToken cancellationToken) =>
        Activities.Invalidate(node.Name) is { } activity
            ? TracedAsync(activity, node.RaiseAsync(node.NewRecord(target, Cut(reason)), cancellationToken))
            : ReceiptAsync(node.RaiseAsync(node.NewRecord(target, Cut(reason)), cancellationToken));

    /// <summary>A large event is several records under one receipt: the last one's, after which all of them hold.</summary>
    private ValueTask<InvalidationReceipt> RaiseAsync(InvalidationTarget[] targets, string? reason, CancellationToken cancellationToken) =>
        Activities.Invalidate(node.Name) is { } activity
            ? TracedAsync(activity, node.RaiseAsync(new Invalidation(targets, Cut(reason)), cancellationToken))
            : ReceiptAsync(node.RaiseAsync(new Invalidation(targets, Cut(reason)), cancellationToken));

    /// <summary>What the caller is told of an operation whose wait is over.</summary>
    /// <exception cref="LogAwayException">The log has not taken it, and the options want that thrown.</exception>
    public InvalidationReceipt ReceiptOf(Horizon.Operation operation)
    {
        var receipt = new InvalidationReceipt(operation, node);
        return options.WhenLogIsAway == UnsentInvalidations.Throw && receipt.State != ReceiptState.Applied
            ? throw new LogAwayException(Errors.LogAway(node.Name, options.AppendDeadline), receipt)
            : receipt;
    }

    private async ValueTask<InvalidationReceipt> TracedAsync(Activity activity, ValueTask<Horizon.Operation> operation)
    {
        using (activity)
            return ReceiptOf(await operation.ConfigureAwait(false));
    }

    private ValueTask<InvalidationReceipt> ReceiptAsync(ValueTask<Horizon.Operation> raised)
    {
        if (!raised.IsCompletedSuccessfully)
            return AwaitedAsync(raised);
        var operation = raised.Result;
        return operation is { IsApplied: true, Earlier.Count: 0 } ? new(ReceiptOf(operation)) : AwaitedAsync(new(operation));
    }

    private async ValueTask<InvalidationReceipt> AwaitedAsync(ValueTask<Horizon.Operation> operation) =>
        ReceiptOf(await operation.ConfigureAwait(false));

    /// <summary>At a boundary between characters, so that what is left is text; half a character becomes the sign for one that is lost.</summary>
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
