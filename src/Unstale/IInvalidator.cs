using Unstale.Log;
using Unstale.Rules;

namespace Unstale;

/// <summary>
/// Invalidates cached values. Call the methods after the commit that changed the data. Once a call has returned, no read that begins on this node
/// receives a value that was read from the source before the call. Scheduled invalidations and targets of batched rules take effect with their batch.
/// </summary>
/// <remarks>
/// <para>
/// Inside an <see cref="InvalidationScope"/> or a <see cref="System.Transactions.TransactionScope"/>, nothing is invalidated until the scope
/// completes successfully. The calls return receipts in the state <see cref="ReceiptState.Pending"/>.
/// </para>
/// <para>
/// The targets of a call form one record in the log, together with the keys declared as dependent on them
/// (<see cref="InvalidationRules.AddDependency"/>).
/// </para>
/// <para>Cancelling a call cancels the wait. The invalidation is never cancelled.</para>
/// <para>
/// A refused name or a list that throws does not spare the other names: the names read so far are invalidated first, or added to the unit of work,
/// and the first exception is thrown afterwards. A call without any accepted name invalidates nothing.
/// </para>
/// </remarks>
public interface IInvalidator
{
    /// <summary>Invalidates keys, tags and patterns together, as one record.</summary>
    /// <param name="keys">Keys to invalidate, one entry each.</param>
    /// <param name="tags">Tags to invalidate: all entries that carry at least one of the tags. The tag <c>*</c> invalidates everything.</param>
    /// <param name="patterns">Patterns of keys to invalidate.</param>
    /// <param name="allOf">
    /// Tags of an all-of selector: entries that carry all of the tags. A single tag is equivalent to a tag in <paramref name="tags"/>; next to
    /// others, <c>*</c> has no effect, because every entry matches it. Each call adds a selector that reads have to compare, as a pattern does. For
    /// frequent combinations, give the entries a dedicated tag instead.
    /// </param>
    /// <param name="reason">
    /// Reason for the invalidation, for diagnosis. Stored with the record, truncated to 512 bytes of UTF-8. Default: null (none).
    /// </param>
    /// <param name="cancellationToken">Cancels the wait. The invalidation is not cancelled.</param>
    /// <returns>Receipt of the invalidation.</returns>
    /// <exception cref="ArgumentException">
    /// No target is given, or a name is empty, too long, or contains an unpaired surrogate. The message contains the index of the name in its list,
    /// and the other names are invalidated. If tags of <paramref name="allOf"/> are refused, fewer tags have to match, so more is invalidated. If the
    /// tags of <paramref name="allOf"/> exceed 2,048 characters together, only the first ones are used.
    /// </exception>
    /// <exception cref="InvalidationLogUnavailableException">
    /// The log has not accepted the invalidation in time, and <see cref="InvalidationLogOptions.WhenUnavailable"/> is <see cref="LogUnavailableBehavior.Throw"/>.
    /// </exception>
    ValueTask<InvalidationReceipt> InvalidateAsync(
        IEnumerable<string>? keys = null,
        IEnumerable<string>? tags = null,
        IEnumerable<KeyPattern>? patterns = null,
        IEnumerable<string>? allOf = null,
        string? reason = null,
        CancellationToken cancellationToken = default);

    /// <summary>Invalidates one key.</summary>
    /// <inheritdoc cref="InvalidateAsync"/>
    ValueTask<InvalidationReceipt> InvalidateKeyAsync(string key, string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>Invalidates every entry that carries the tag. The cost does not depend on the number of entries.</summary>
    /// <inheritdoc cref="InvalidateAsync"/>
    ValueTask<InvalidationReceipt> InvalidateTagAsync(string tag, string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>Invalidates every key that matches the pattern. Takes effect immediately; a sweep reclaims the memory in the background.</summary>
    /// <inheritdoc cref="InvalidateAsync"/>
    ValueTask<InvalidationReceipt> InvalidatePatternAsync(KeyPattern pattern, string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>Invalidates all entries of all caches that share the log.</summary>
    /// <inheritdoc cref="InvalidateAsync"/>
    ValueTask<InvalidationReceipt> InvalidateEverythingAsync(string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>Invalidates a key and the keys declared as dependent on it (<see cref="InvalidationRules.AddDependency"/>).</summary>
    /// <param name="key">Key to invalidate. The cache need not hold its entry any longer.</param>
    /// <param name="recursive">
    /// True for all dependents at any depth; false for direct dependents only, as recorded on this node. Values computed by reading an invalidated
    /// entry are invalidated in both cases. Default: true.
    /// </param>
    /// <param name="reason">
    /// Reason for the invalidation, for diagnosis. Stored with the record, truncated to 512 bytes of UTF-8. Default: null (none).
    /// </param>
    /// <param name="cancellationToken">Cancels the wait. The invalidation is not cancelled.</param>
    /// <returns>Receipt of the invalidation.</returns>
    /// <exception cref="ArgumentException">The key is empty or too long.</exception>
    /// <exception cref="InvalidationLogUnavailableException">
    /// The log has not accepted the invalidation in time, and <see cref="InvalidationLogOptions.WhenUnavailable"/> is <see cref="LogUnavailableBehavior.Throw"/>.
    /// </exception>
    ValueTask<InvalidationReceipt> InvalidateWithDependentsAsync(
        string key, bool recursive = true, string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Adds targets to the pending batch, for invalidations that need not take effect immediately. The batch is appended as one record,
    /// <see cref="InvalidationRules.BatchDelay"/> after its first target was added. Nothing in the batch is in effect before. Duplicate targets are
    /// appended once. Disposing the cache appends the batch; targets added afterwards are appended immediately.
    /// </summary>
    /// <param name="keys">Keys to invalidate, one entry each.</param>
    /// <param name="tags">Tags to invalidate: all entries that carry at least one of the tags. The tag <c>*</c> invalidates everything.</param>
    /// <param name="reason">
    /// Reason for the invalidation, for diagnosis. The record contains the reasons of the whole batch, truncated to 512 bytes. Default: null (none).
    /// </param>
    /// <returns>Receipt that is pending until the batch is flushed.</returns>
    /// <exception cref="ArgumentException">
    /// No target is given, or a name is empty, too long, or contains an unpaired surrogate. The other names are added to the batch.
    /// </exception>
    InvalidationReceipt InvalidateLater(IEnumerable<string>? keys = null, IEnumerable<string>? tags = null, string? reason = null);

    /// <summary>
    /// Appends the pending batch now, and waits until the memory of its entries in this process is reclaimed (about 100 ms). Also waits for a batch
    /// that is already being appended.
    /// </summary>
    /// <param name="cancellationToken">Cancels the wait. The invalidation is not cancelled.</param>
    /// <returns>
    /// Number of entries removed from this process's memory; 0 if the batch was empty. While the log is unavailable, the number covers only entries
    /// removed immediately, by their keys.
    /// </returns>
    /// <exception cref="InvalidationLogUnavailableException">
    /// The log has not accepted the batch in time, and <see cref="InvalidationLogOptions.WhenUnavailable"/> is <see cref="LogUnavailableBehavior.Throw"/>.
    /// </exception>
    ValueTask<long> FlushAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Reports a change in the source of truth. Invalidates the tags <c>resource</c> and <c>resource:id</c> (with <see cref="ChangeScope.Entity"/>,
    /// only <c>resource:id</c>), and everything that the rules and relationships of this cache derive from the change
    /// (<see cref="InvalidationRules"/>).
    /// </summary>
    /// <remarks>
    /// Targets that take effect immediately form one record, targets of lazy rules a second, and targets that may be served once more a third, all
    /// under one receipt. Targets of batched rules are added to the pending batch.
    /// </remarks>
    /// <param name="change">Change to report. Not modified.</param>
    /// <param name="cancellationToken">Cancels the wait. The invalidation is not cancelled.</param>
    /// <returns>Receipt of the invalidation.</returns>
    /// <exception cref="ArgumentException">
    /// The resource is refused, and nothing is invalidated; or the id is refused, or <see cref="ChangeScope.Entity"/> is used without an id, and the
    /// change is applied as a change of an unknown id.
    /// </exception>
    /// <exception cref="ChangeRefusedException">
    /// The change exceeds a limit of <see cref="UnstaleOptions.ChangeGuard"/>, and nothing is invalidated.
    /// </exception>
    /// <exception cref="InvalidationLogUnavailableException">
    /// The log has not accepted the invalidation in time, and <see cref="InvalidationLogOptions.WhenUnavailable"/> is <see cref="LogUnavailableBehavior.Throw"/>.
    /// </exception>
    ValueTask<InvalidationReceipt> ChangedAsync(Change change, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="ChangedAsync(Change, CancellationToken)"/>
    /// <param name="resource">Type of the changed resource, for example <c>product</c>.</param>
    /// <param name="id">
    /// Id of the changed resource; null if the id is not available or all resources of the type changed: only the tag <c>resource</c> is invalidated.
    /// </param>
    /// <param name="operation">Kind of change. Default: <see cref="ChangeOperation.Update"/>.</param>
    /// <param name="fields">
    /// Names of the changed fields, if available. If enumerating the list throws, every rule about fields is applied, and the exception is thrown
    /// afterwards. Default: null (not available).
    /// </param>
    /// <param name="scope">Reach of the change. Default: <see cref="ChangeScope.Resource"/>.</param>
    /// <param name="context">Further facts about the change: values for placeholders in rules and for conditions. Default: null (none).</param>
    /// <param name="cancellationToken">Cancels the wait. The invalidation is not cancelled.</param>
    ValueTask<InvalidationReceipt> ChangedAsync(
        string resource,
        string? id,
        ChangeOperation operation = ChangeOperation.Update,
        IEnumerable<string>? fields = null,
        ChangeScope scope = ChangeScope.Resource,
        IReadOnlyDictionary<string, object?>? context = null,
        CancellationToken cancellationToken = default);

    /// <inheritdoc cref="ChangedAsync(string, string?, ChangeOperation, IEnumerable{string}?, ChangeScope, IReadOnlyDictionary{string, object?}?, CancellationToken)"/>
    ValueTask<InvalidationReceipt> ChangedAsync(
        string resource,
        long id,
        ChangeOperation operation = ChangeOperation.Update,
        IEnumerable<string>? fields = null,
        ChangeScope scope = ChangeScope.Resource,
        IReadOnlyDictionary<string, object?>? context = null,
        CancellationToken cancellationToken = default) =>
        ChangedAsync(resource, id.ToString(System.Globalization.CultureInfo.InvariantCulture), operation, fields, scope, context, cancellationToken);

    /// <summary>
    /// Begins a unit of work. Invalidations made in this async flow, through this or any other cache, are collected and applied when the scope is
    /// completed. Do not begin a scope in an async method that returns the scope to its caller: the scope would remain in the flow of that method.
    /// </summary>
    /// <param name="joinsOuter">
    /// True: inside another scope or a <see cref="System.Transactions.TransactionScope"/>, the collected invalidations are passed to the outer scope
    /// and applied together with the outer work. False: the scope's own completion applies the invalidations, for work that is committed
    /// independently of the outer work. Default: true.
    /// </param>
    /// <returns>Scope to complete after the commit, and to dispose.</returns>
    /// <exception cref="InvalidOperationException">
    /// The surrounding <see cref="System.Transactions.TransactionScope"/> is completed but not yet disposed.
    /// </exception>
    InvalidationScope BeginScope(bool joinsOuter = true);
}

/// <summary>Invalidates groups of names with one record, and counts the removed entries of each group.</summary>
internal interface IGroupInvalidator
{
    /// <inheritdoc cref="IInvalidator.InvalidateAsync"/>
    ValueTask<InvalidationReceipt> InvalidateAsync(IReadOnlyList<NamedGroup> groups, string? reason, CancellationToken cancellationToken);
}
