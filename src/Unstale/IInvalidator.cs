using Unstale.Rules;

namespace Unstale;

/// <summary>
/// Says what became untrue. When a call returns, nothing read from the source before it is given to any read that begins on
/// this node afterwards; what is scheduled, or named by a batched rule, follows with its batch. Call it after the commit.
/// </summary>
/// <remarks>
/// Inside an <see cref="InvalidationScope"/> or a <see cref="System.Transactions.TransactionScope"/> nothing is raised before that ends well: the calls return
/// receipts that are <see cref="ReceiptState.Pending"/>.
/// What a call names is one record in the log, with the keys that were declared to depend on it (<see cref="InvalidationRules.AddDependency"/>).
/// Cancelling a call cancels the waiting, never the invalidation.
/// A name that is refused and a list that throws do not spare the others: the names that were read are invalidated first, or join the unit of
/// work, and the first failure is thrown then. A call in which no name counts invalidates nothing.
/// </remarks>
public interface IInvalidator
{
    /// <summary>Invalidates keys, tags and patterns together, as one record.</summary>
    /// <param name="keys">Keys, each exactly one entry.</param>
    /// <param name="tags">Tags: every entry that carries one of them. <c>*</c> is everything.</param>
    /// <param name="patterns">Patterns over keys.</param>
    /// <param name="allOf">
    /// Tags of which an entry has to carry all to be taken. One alone is that tag; <c>*</c>, which every entry has, adds nothing to others. Each call is
    /// one more mark for reads to compare, like a pattern: where it is raised often, give the entries a tag of their own for it.
    /// </param>
    /// <param name="reason">Why, for people: kept with the record, at most 512 bytes of UTF-8; what is longer is cut.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ArgumentException">
    /// Nothing is named, or a name is empty, too long, or holds half of a surrogate pair; the message has its place in its list, and the other names
    /// are invalidated. Without the refused tags of <paramref name="allOf"/> fewer have to match, so more is invalidated; of those that have more than
    /// 2,048 characters together, the first ones count.
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

    /// <summary>Invalidates every entry that carries the tag, at a cost that does not depend on how many those are.</summary>
    /// <inheritdoc cref="InvalidateAsync"/>
    ValueTask<InvalidationReceipt> InvalidateTagAsync(string tag, string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>Invalidates every key that the pattern matches: a mark at once, the sweep of memory behind it.</summary>
    /// <inheritdoc cref="InvalidateAsync"/>
    ValueTask<InvalidationReceipt> InvalidatePatternAsync(KeyPattern pattern, string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>Invalidates everything that any cache over this log holds.</summary>
    /// <inheritdoc cref="InvalidateAsync"/>
    ValueTask<InvalidationReceipt> InvalidateEverythingAsync(string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>Invalidates one key and the keys that were declared to depend on it.</summary>
    /// <param name="key">The key; its entry need not be there any more.</param>
    /// <param name="recursive">
    /// True: all that depends on it, however far. False: one declared step, as this node knows it. Values that were made by reading one of the taken
    /// entries are taken in any case.
    /// </param>
    /// <param name="reason">Why, for people: kept with the record, at most 512 bytes of UTF-8; what is longer is cut.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ArgumentException">The key is empty or too long.</exception>
    ValueTask<InvalidationReceipt> InvalidateWithDependentsAsync(
        string key, bool recursive = true, string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Adds to the batch, which is raised as one record when its window ends, <see cref="InvalidationRules.BatchDelay"/> after the first that
    /// came into it. Until then nothing of it is in force. What is named twice is raised once. When the cache is disposed the batch is
    /// raised; afterwards nothing waits.
    /// </summary>
    /// <param name="keys">Keys, each exactly one entry.</param>
    /// <param name="tags">Tags: every entry that carries one of them. <c>*</c> is everything.</param>
    /// <param name="reason">Why, for people; the record has the reasons of all that are in the batch, as far as they fit into 512 bytes.</param>
    /// <returns>A receipt that is pending until the batch is flushed.</returns>
    /// <exception cref="ArgumentException">Nothing is named, or a name is empty, too long, or holds half of a surrogate pair; the other names are in the batch.</exception>
    InvalidationReceipt Schedule(IEnumerable<string>? keys = null, IEnumerable<string>? tags = null, string? reason = null);

    /// <summary>
    /// Raises what waits in the batch now, and waits until the memory of what it took in this process is reclaimed, which takes about 100 ms. What is
    /// being raised already is waited for too.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>
    /// How many entries of this process were removed; 0 if nothing waited. While the log is away, those that went at once because their key was named.
    /// </returns>
    /// <exception cref="LogAwayException">The log has not taken it, and the options want that thrown.</exception>
    ValueTask<long> FlushAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Says that something in the source of truth changed: raises the tags <c>resource</c> and <c>resource:id</c>, or, with
    /// <see cref="ChangeScope.Entity"/>, <c>resource:id</c> alone, and all that the rules and relationships of this cache say
    /// (<see cref="InvalidationRules"/>). What is taken at once is one record; what lazy rules take is a second one, and what may be served once
    /// more a third, under one receipt; what batched rules take waits in the batch.
    /// </summary>
    /// <param name="change">What changed. It is read, never written to.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ArgumentException">
    /// The resource is refused, and nothing is raised; or the id is, or <see cref="ChangeScope.Entity"/> goes without one, and the change is raised as one
    /// of an unknown id.
    /// </exception>
    /// <exception cref="ChangeRefusedException">The change exceeds a limit of <see cref="UnstaleOptions.ChangeGuard"/>, and nothing is raised.</exception>
    ValueTask<InvalidationReceipt> ChangedAsync(Change change, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="ChangedAsync(Change, CancellationToken)"/>
    /// <param name="resource">The type of what changed, for example <c>product</c>.</param>
    /// <param name="id">Which one; null when it is not known, or when all of them changed: only the tag <c>resource</c> is raised.</param>
    /// <param name="operation">What happened to it.</param>
    /// <param name="fields">
    /// Which fields changed, where that is known. A list that throws leaves them unknown: the change is raised for every rule about fields, and the
    /// exception is thrown then.
    /// </param>
    /// <param name="scope">How far the change reaches.</param>
    /// <param name="context">What else is known: the values of placeholders in rules, and what conditions look at.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
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
    /// Begins a unit of work: what is raised in this flow of calls, here or through any other cache, is collected, and raised when the scope is
    /// completed. Do not begin it in an async method that returns it: it would be left behind in that method's flow.
    /// </summary>
    /// <param name="joinsOuter">
    /// True: inside another scope, or a <see cref="System.Transactions.TransactionScope"/>, it hands what it has to that one, and comes about with it.
    /// False: its own completion decides, for work that is committed by itself whatever becomes of what is around.
    /// </param>
    /// <exception cref="InvalidOperationException">A <see cref="System.Transactions.TransactionScope"/> around is completed and not disposed yet.</exception>
    InvalidationScope BeginScope(bool joinsOuter = true);
}
