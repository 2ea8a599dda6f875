namespace Unstale;

/// <summary>
/// Says what became untrue. When a call returns, nothing read from the source before it is given to any read that begins on
/// this node afterwards. Call it after the commit.
/// </summary>
/// <remarks>
/// Every call is one record in the log, whatever it names. Cancelling a call cancels the waiting, never the invalidation.
/// </remarks>
public interface IInvalidator
{
    /// <summary>Invalidates keys, tags and patterns together, as one record.</summary>
    /// <param name="keys">Keys, each exactly one entry.</param>
    /// <param name="tags">Tags: every entry that carries one of them. <c>*</c> is everything.</param>
    /// <param name="patterns">Patterns over keys.</param>
    /// <param name="reason">Why, for people: kept with the record, at most 512 bytes of UTF-8; what is longer is cut.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ArgumentException">Nothing is named, or a name is empty or too long.</exception>
    ValueTask<InvalidationReceipt> InvalidateAsync(
        IEnumerable<string>? keys = null,
        IEnumerable<string>? tags = null,
        IEnumerable<KeyPattern>? patterns = null,
        string? reason = null,
        CancellationToken cancellationToken = default);

    /// <summary>Invalidates one key.</summary>
    /// <inheritdoc cref="InvalidateAsync"/>
    ValueTask<InvalidationReceipt> InvalidateKeyAsync(string key, string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>Invalidates every entry that carries the tag, at a cost that does not depend on how many those are.</summary>
    /// <inheritdoc cref="InvalidateAsync"/>
    ValueTask<InvalidationReceipt> InvalidateTagAsync(string tag, string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>Invalidates every key that the pattern matches: a mark at once, the sweep of memory behind it.</summary>
    /// <inheritdoc cref="InvalidateAsync"/>
    ValueTask<InvalidationReceipt> InvalidatePatternAsync(KeyPattern pattern, string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>Invalidates everything that any cache over this log holds.</summary>
    /// <inheritdoc cref="InvalidateAsync"/>
    ValueTask<InvalidationReceipt> InvalidateEverythingAsync(string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Says that something in the source of truth changed: raises the tags <c>resource</c> and <c>resource:id</c>, or, with
    /// <see cref="ChangeScope.Entity"/>, <c>resource:id</c> alone.
    /// </summary>
    /// <param name="resource">The type of what changed, for example <c>product</c>.</param>
    /// <param name="id">Which one; null when it is not known, or when all of them changed: only the tag <c>resource</c> is raised.</param>
    /// <param name="operation">What happened to it.</param>
    /// <param name="fields">Which fields changed, where that is known.</param>
    /// <param name="scope">How far the change reaches.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ArgumentException">The resource is empty, or <see cref="ChangeScope.Entity"/> goes without an id.</exception>
    ValueTask<InvalidationReceipt> ChangedAsync(
        string resource,
        string? id,
        ChangeOperation operation = ChangeOperation.Update,
        IEnumerable<string>? fields = null,
        ChangeScope scope = ChangeScope.Resource,
        CancellationToken cancellationToken = default);

    /// <inheritdoc cref="ChangedAsync(string, string?, ChangeOperation, IEnumerable{string}?, ChangeScope, CancellationToken)"/>
    ValueTask<InvalidationReceipt> ChangedAsync(
        string resource,
        long id,
        ChangeOperation operation = ChangeOperation.Update,
        IEnumerable<string>? fields = null,
        ChangeScope scope = ChangeScope.Resource,
        CancellationToken cancellationToken = default) =>
        ChangedAsync(resource, id.ToString(System.Globalization.CultureInfo.InvariantCulture), operation, fields, scope, cancellationToken);
}
