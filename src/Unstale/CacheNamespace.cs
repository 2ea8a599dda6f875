using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Values;

namespace Unstale;

/// <summary>
/// View of a cache with keys of its own. Entries read or set through the namespace carry its tag and the tags of the surrounding namespaces, so
/// <see cref="InvalidateAsync"/> invalidates all such entries at a cost independent of the number of entries. A namespace stores no entries, is cheap to
/// create, may be stored and shared, and can be passed to code that uses only <see cref="HybridCache"/>.
/// </summary>
/// <remarks>
/// All other tags belong to the whole log, as in any cache. Patterns, rules and <see cref="IInvalidator"/> use whole keys: see <see cref="KeyOf"/>.
/// </remarks>
public sealed partial class CacheNamespace : HybridCache
{
    private const string Everything = "*";

    // Enough for almost all keys. Longer ones are concatenated on the heap, and a larger buffer would have to be cleared on each hit.
    private const int CharsOnStack = 128;

    private readonly UnstaleCache _cache;
    private readonly string[] _tags;
    private readonly string _prefix;

    internal CacheNamespace(UnstaleCache cache, CacheNamespace? outer, string name)
    {
        _cache = cache;
        var tag = NamespaceName.Tag(outer?.Tag, name);
        CacheNames.CheckTag(tag, cache.MaximumKeyLength);
        _tags = outer is null ? [tag] : [.. outer._tags, tag];
        _prefix = tag + NamespaceName.End;
    }

    /// <summary>Tag of every entry created through this namespace: <c>ns:</c> and the names from the outermost to this one, separated by slashes.</summary>
    public string Tag => _tags[^1];

    /// <summary>Returns a namespace inside this one, which is invalidated together with this one.</summary>
    /// <inheritdoc cref="UnstaleCache.Namespace(string)"/>
    public CacheNamespace Namespace(string name) => new(_cache, this, name);

    /// <summary>Returns the whole key, as used by the cache and the log, for a key of this namespace.</summary>
    /// <exception cref="ArgumentException">The key is empty.</exception>
    public string KeyOf(string key) => string.IsNullOrEmpty(key) ? throw Errors.EmptyName("key") : _prefix + key;

    /// <summary>
    /// Invalidates, on every node, all entries read or set through this namespace or an inner one. Appends one record, regardless of the number of
    /// entries.
    /// </summary>
    /// <param name="reason">Reason for people, stored with the record. At most 512 bytes of UTF-8; a longer text is cut.</param>
    /// <param name="cancellationToken">Cancels the wait. The invalidation is not cancelled.</param>
    public ValueTask<InvalidationReceipt> InvalidateAsync(string? reason = null, CancellationToken cancellationToken = default) =>
        _cache.Invalidator.InvalidateTagAsync(Tag, reason, cancellationToken);

    /// <inheritdoc cref="UnstaleCache.TryGet{T}(ReadOnlySpan{char}, out T)"/>
    public bool TryGet<T>(ReadOnlySpan<char> key, out T value)
    {
        Span<char> stack = stackalloc char[CharsOnStack];
        return _cache.TryGet(Whole(key, stack), out value);
    }

    /// <inheritdoc cref="UnstaleCache.TryGetAsync{T}(string, CancellationToken)"/>
    public ValueTask<CacheResult<T>> TryGetAsync<T>(string key, CancellationToken cancellationToken = default) =>
        TryGetAsync<T>(key, options: null, tags: null, cancellationToken);

    /// <inheritdoc cref="UnstaleCache.TryGetAsync{T}(string, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<CacheResult<T>> TryGetAsync<T>(
        string key, UnstaleEntryOptions? options, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default) =>
        _cache.TryGetAsync<T>(WholeOf(key), options, With(tags), cancellationToken);

    /// <inheritdoc cref="UnstaleCache.Explain"/>
    public KeyExplanation Explain(string key, int records = 10) => _cache.Explain(KeyOf(key), records);

    /// <inheritdoc cref="UnstaleCache.ExplainAsync"/>
    public ValueTask<KeyExplanation> ExplainAsync(string key, int records = 10, CancellationToken cancellationToken = default) =>
        _cache.ExplainAsync(KeyOf(key), records, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask SetAsync<T>(
        string key, T value, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default) =>
        _cache.SetAsync(WholeOf(key), value, options, WithLater(tags), cancellationToken);

    /// <inheritdoc cref="UnstaleCache.SetAsync{T}(string, T, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask SetAsync<T>(
        string key, T value, UnstaleEntryOptions? options, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default) =>
        _cache.SetAsync(WholeOf(key), value, options, WithLater(tags), cancellationToken);

    /// <inheritdoc cref="UnstaleCache.SetAsync{T}(string, T, LogPositions, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<bool> SetAsync<T>(
        string key, T value, LogPositions asOf, UnstaleEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default) =>
        _cache.SetAsync(WholeOf(key), value, asOf, options, WithLater(tags), cancellationToken);

    /// <inheritdoc cref="UnstaleCache.WriteThroughAsync{T}(string, T, SourceVersion, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<InvalidationReceipt> WriteThroughAsync<T>(
        string key,
        T value,
        SourceVersion version,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        _cache.WriteThroughAsync(KeyOf(key), value, version, options, WithLater(tags), cancellationToken);

    /// <inheritdoc cref="UnstaleCache.WriteThroughAsync{T}(string, T, CancellationToken)"/>
    public ValueTask<InvalidationReceipt> WriteThroughAsync<T>(string key, T value, CancellationToken cancellationToken = default) =>
        _cache.WriteThroughAsync(KeyOf(key), value, cancellationToken);

    /// <inheritdoc cref="UnstaleCache.InvalidateUpToVersionAsync"/>
    public ValueTask<InvalidationReceipt> InvalidateUpToVersionAsync(string key, SourceVersion version, CancellationToken cancellationToken = default) =>
        _cache.InvalidateUpToVersionAsync(KeyOf(key), version, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default) =>
        _cache.RemoveAsync(WholeOf(key), cancellationToken);

    /// <inheritdoc/>
    public override ValueTask RemoveAsync(IEnumerable<string> keys, CancellationToken cancellationToken = default) =>
        _cache.RemoveAsync(keys?.Select(KeyLater)!, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>The tag <c>*</c> invalidates everything in this namespace. Any other tag belongs to the whole log, and also affects other namespaces.</remarks>
    public override ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default) =>
        _cache.RemoveByTagAsync(OwnFor(tag), cancellationToken);

    /// <inheritdoc/>
    /// <inheritdoc cref="RemoveByTagAsync(string, CancellationToken)" path="/remarks"/>
    public override ValueTask RemoveByTagAsync(IEnumerable<string> tags, CancellationToken cancellationToken = default) =>
        _cache.RemoveByTagAsync(tags?.Select(OwnFor)!, cancellationToken);

    /// <inheritdoc/>
    public override string ToString() => Tag;

    /// <summary>Returns the whole key. An empty key remains empty, which the cache does not store.</summary>
    private string WholeOf(ReadOnlySpan<char> key) => key.IsEmpty ? string.Empty : string.Concat(_prefix, key);

    private string[] With(IEnumerable<string>? tags) => tags is null ? _tags : [.. _tags, .. tags];

    /// <summary>Adds the namespace's tags while the cache reads them: a list that throws must not prevent a write from invalidating its key.</summary>
    private IEnumerable<string> WithLater(IEnumerable<string>? tags) => tags is null ? _tags : _tags.Concat(tags);

    /// <summary>Returns the whole key for a key of a list. The cache skips an empty key.</summary>
    private string KeyLater(string key) => string.IsNullOrEmpty(key) ? key : _prefix + key;

    private string OwnFor(string tag) => string.Equals(tag, Everything, StringComparison.Ordinal) ? Tag : tag;

    private bool TryHit<T>(ReadOnlySpan<char> key, out T value)
    {
        Span<char> stack = stackalloc char[CharsOnStack];
        return _cache.TryHit(Whole(key, stack), out value);
    }

    private ReadOnlySpan<char> Whole(ReadOnlySpan<char> key, Span<char> room)
    {
        var length = _prefix.Length + key.Length;
        if (length > room.Length)
            return string.Concat(_prefix, key);
        _prefix.CopyTo(room);
        key.CopyTo(room[_prefix.Length..]);
        return room[..length];
    }
}
