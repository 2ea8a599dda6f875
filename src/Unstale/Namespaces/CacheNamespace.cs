using Microsoft.Extensions.Caching.Hybrid;

namespace Unstale;

/// <summary>
/// A view of a cache: what is read and set through it has keys of its own and carries the namespace's tag and those of the namespaces around it,
/// so that <see cref="InvalidateAsync"/> makes all of it stale, at a cost that does not depend on how much it is. It holds nothing itself, is
/// cheap to make, and may be kept and shared. Code that knows <see cref="HybridCache"/> alone can be handed one.
/// </summary>
/// <remarks>
/// Tags other than its own are those of the whole log, here as everywhere. Patterns, rules and <see cref="IInvalidator"/> see whole keys: <see cref="KeyOf"/>.
/// </remarks>
public sealed partial class CacheNamespace : HybridCache
{
    private const string Everything = "*";

    // Enough for almost all; what is longer is put together on the heap, and more than this would cost each hit the clearing of it.
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

    /// <summary>What every entry made through it carries: <c>ns:</c> and the names, from the outermost on, with slashes between.</summary>
    public string Tag => _tags[^1];

    /// <summary>A namespace within this one: it goes stale with it.</summary>
    /// <inheritdoc cref="UnstaleCache.Namespace(string)"/>
    public CacheNamespace Namespace(string name) => new(_cache, this, name);

    /// <summary>A key of this namespace as the cache and the log know it.</summary>
    /// <exception cref="ArgumentException">The key is empty.</exception>
    public string KeyOf(string key) => string.IsNullOrEmpty(key) ? throw Errors.EmptyName("key") : _prefix + key;

    /// <summary>Makes everything stale that was read or set through this namespace, or one within it, on every node: one record, whatever that is.</summary>
    /// <param name="reason">Why, for people: kept with the record, at most 512 bytes of UTF-8; what is longer is cut.</param>
    /// <param name="cancellationToken">Ends the waiting, not the invalidation.</param>
    public ValueTask<InvalidationReceipt> InvalidateAsync(string? reason = null, CancellationToken cancellationToken = default) =>
        _cache.Invalidator.InvalidateTagAsync(Tag, reason, cancellationToken);

    /// <inheritdoc cref="UnstaleCache.TryGet{T}(ReadOnlySpan{char}, out T)"/>
    public bool TryGet<T>(ReadOnlySpan<char> key, out T value)
    {
        Span<char> stack = stackalloc char[CharsOnStack];
        return _cache.TryGet(Whole(key, stack), out value);
    }

    /// <inheritdoc cref="UnstaleCache.TryGet{T}(string, out T)"/>
    public bool TryGet<T>(string key, out T value) => TryGet(key.AsSpan(), out value);

    /// <inheritdoc cref="UnstaleCache.TryGetAsync{T}(string, CancellationToken)"/>
    public ValueTask<CacheResult<T>> TryGetAsync<T>(string key, CancellationToken cancellationToken = default) =>
        TryGetAsync<T>(key, options: null, tags: null, cancellationToken);

    /// <inheritdoc cref="UnstaleCache.TryGetAsync{T}(string, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<CacheResult<T>> TryGetAsync<T>(
        string key, UnstaleEntryOptions? options, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default) =>
        _cache.TryGetAsync<T>(KeyOf(key), options, With(tags), cancellationToken);

    /// <inheritdoc cref="UnstaleCache.Inspect(string)"/>
    public EntryInfo? Inspect(string key) => _cache.Inspect(KeyOf(key));

    /// <inheritdoc/>
    public override ValueTask SetAsync<T>(
        string key, T value, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default) =>
        _cache.SetAsync(KeyOf(key), value, options, WithLater(tags), cancellationToken);

    /// <inheritdoc cref="UnstaleCache.SetAsync{T}(string, T, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask SetAsync<T>(
        string key, T value, UnstaleEntryOptions? options, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default) =>
        _cache.SetAsync(KeyOf(key), value, options, WithLater(tags), cancellationToken);

    /// <inheritdoc cref="UnstaleCache.WriteThroughAsync{T}(string, T, SourceVersion, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<WriteThroughResult> WriteThroughAsync<T>(
        string key,
        T value,
        SourceVersion version,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        _cache.WriteThroughAsync(KeyOf(key), value, version, options, WithLater(tags), cancellationToken);

    /// <inheritdoc cref="UnstaleCache.WriteThroughAsync{T}(string, T, CancellationToken)"/>
    public ValueTask<WriteThroughResult> WriteThroughAsync<T>(string key, T value, CancellationToken cancellationToken = default) =>
        _cache.WriteThroughAsync(KeyOf(key), value, cancellationToken);

    /// <inheritdoc cref="UnstaleCache.InvalidateBelowAsync"/>
    public ValueTask<InvalidationReceipt> InvalidateBelowAsync(string key, SourceVersion version, CancellationToken cancellationToken = default) =>
        _cache.InvalidateBelowAsync(KeyOf(key), version, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default) =>
        _cache.RemoveAsync(KeyOf(key), cancellationToken);

    /// <inheritdoc/>
    public override ValueTask RemoveAsync(IEnumerable<string> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return _cache.RemoveAsync(keys.Select(KeyLater), cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>The tag <c>*</c> is everything in this namespace. Any other one is that of the whole log: entries of other namespaces carry it too.</remarks>
    public override ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default) =>
        _cache.RemoveByTagAsync(OwnFor(tag), cancellationToken);

    /// <inheritdoc/>
    /// <inheritdoc cref="RemoveByTagAsync(string, CancellationToken)" path="/remarks"/>
    public override ValueTask RemoveByTagAsync(IEnumerable<string> tags, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tags);
        return _cache.RemoveByTagAsync(tags.Select(OwnFor), cancellationToken);
    }

    /// <inheritdoc/>
    public override string ToString() => Tag;

    private string WholeOf(ReadOnlySpan<char> key) => key.IsEmpty ? throw Errors.EmptyName(nameof(key)) : string.Concat(_prefix, key);

    private string[] With(IEnumerable<string>? tags) => tags is null ? _tags : [.. _tags, .. tags];

    /// <summary>The same, read by the cache: a list that throws must not keep a write from invalidating its key.</summary>
    private IEnumerable<string> WithLater(IEnumerable<string>? tags) => tags is null ? _tags : _tags.Concat(tags);

    /// <summary>The same for a key of a list: an empty one is refused by the cache, which invalidates the others.</summary>
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
