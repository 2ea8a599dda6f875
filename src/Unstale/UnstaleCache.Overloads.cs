using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Store;

namespace Unstale;

/// <content>The reads with <see cref="UnstaleEntryOptions"/>: each kind of key, with or without state, with or without a <see cref="FillContext"/>.</content>
public sealed partial class UnstaleCache
{
    /// <summary>Gives the value under a key; where none is held that is true, the factory makes it, once for all who wait.</summary>
    /// <param name="key">The key. A span or an interpolated string is turned into a string on a miss only.</param>
    /// <param name="state">Given to the factory, so that it needs no closure.</param>
    /// <param name="factory">Reads the source. It runs outside any transaction of the caller's, or its value is not kept.</param>
    /// <param name="options">How the entry lives.</param>
    /// <param name="tags">What the value is made from.</param>
    /// <param name="cancellationToken">Ends this caller's waiting; the factory is cancelled when the last one has left.</param>
    /// <exception cref="ArgumentException">The key or a tag is empty, too long, or holds half of a surrogate pair.</exception>
    /// <exception cref="OwnKeyException">The factory reads its own key.</exception>
    public ValueTask<T> GetOrCreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        MayLook(options, cancellationToken) && FindHit(key) is ValueEntry<T> hit
            ? new ValueTask<T>(Counted(hit))
            : ValueAsync(MissAsync(key, new FillSource<TState, T>(state, factory), options, tags, cancellationToken));

    /// <inheritdoc cref="GetOrCreateAsync{TState, T}(string, TState, Func{TState, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<T> GetOrCreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, FillContext, CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        MayLook(options, cancellationToken) && FindHit(key) is ValueEntry<T> hit
            ? new ValueTask<T>(Counted(hit))
            : ValueAsync(MissAsync(key, new FillSource<TState, T>(state, factory), options, tags, cancellationToken));

    /// <inheritdoc cref="GetOrCreateAsync{TState, T}(string, TState, Func{TState, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<T> GetOrCreateAsync<T>(
        string key,
        Func<CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        MayLook(options, cancellationToken) && FindHit(key) is ValueEntry<T> hit
            ? new ValueTask<T>(Counted(hit))
            : ValueAsync(MissAsync(key, new FillSource<Func<CancellationToken, ValueTask<T>>, T>(factory, static (f, t) => f(t)), options, tags, cancellationToken));

    /// <inheritdoc cref="GetOrCreateAsync{TState, T}(string, TState, Func{TState, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<T> GetOrCreateAsync<T>(
        string key,
        Func<FillContext, CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        MayLook(options, cancellationToken) && FindHit(key) is ValueEntry<T> hit
            ? new ValueTask<T>(Counted(hit))
            : ValueAsync(MissAsync(key, new FillSource<Func<FillContext, CancellationToken, ValueTask<T>>, T>(factory, static (f, c, t) => f(c, t)), options, tags, cancellationToken));

    /// <inheritdoc cref="GetOrCreateAsync{TState, T}(string, TState, Func{TState, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<T> GetOrCreateAsync<TState, T>(
        ReadOnlySpan<char> key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        MayLook(options, cancellationToken) && FindHit(key) is ValueEntry<T> hit
            ? new ValueTask<T>(Counted(hit))
            : ValueAsync(MissAsync(key.ToString(), new FillSource<TState, T>(state, factory), options, tags, cancellationToken));

    /// <inheritdoc cref="GetOrCreateAsync{TState, T}(string, TState, Func{TState, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<T> GetOrCreateAsync<TState, T>(
        ReadOnlySpan<char> key,
        TState state,
        Func<TState, FillContext, CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        MayLook(options, cancellationToken) && FindHit(key) is ValueEntry<T> hit
            ? new ValueTask<T>(Counted(hit))
            : ValueAsync(MissAsync(key.ToString(), new FillSource<TState, T>(state, factory), options, tags, cancellationToken));

    /// <inheritdoc cref="GetOrCreateAsync{TState, T}(string, TState, Func{TState, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<T> GetOrCreateAsync<T>(
        ReadOnlySpan<char> key,
        Func<CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        MayLook(options, cancellationToken) && FindHit(key) is ValueEntry<T> hit
            ? new ValueTask<T>(Counted(hit))
            : ValueAsync(MissAsync(key.ToString(), new FillSource<Func<CancellationToken, ValueTask<T>>, T>(factory, static (f, t) => f(t)), options, tags, cancellationToken));

    /// <inheritdoc cref="GetOrCreateAsync{TState, T}(string, TState, Func{TState, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<T> GetOrCreateAsync<T>(
        ReadOnlySpan<char> key,
        Func<FillContext, CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        MayLook(options, cancellationToken) && FindHit(key) is ValueEntry<T> hit
            ? new ValueTask<T>(Counted(hit))
            : ValueAsync(MissAsync(key.ToString(), new FillSource<Func<FillContext, CancellationToken, ValueTask<T>>, T>(factory, static (f, c, t) => f(c, t)), options, tags, cancellationToken));

    /// <inheritdoc cref="GetOrCreateAsync{TState, T}(string, TState, Func{TState, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<T> GetOrCreateAsync<TState, T>(
        ref DefaultInterpolatedStringHandler key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        if (MayLook(options, cancellationToken) && FindHit(key.Text) is ValueEntry<T> hit)
        {
            key.Clear();
            return new ValueTask<T>(Counted(hit));
        }

        return ValueAsync(MissAsync(key.ToStringAndClear(), new FillSource<TState, T>(state, factory), options, tags, cancellationToken));
    }

    /// <inheritdoc cref="GetOrCreateAsync{TState, T}(string, TState, Func{TState, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<T> GetOrCreateAsync<TState, T>(
        ref DefaultInterpolatedStringHandler key,
        TState state,
        Func<TState, FillContext, CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        if (MayLook(options, cancellationToken) && FindHit(key.Text) is ValueEntry<T> hit)
        {
            key.Clear();
            return new ValueTask<T>(Counted(hit));
        }

        return ValueAsync(MissAsync(key.ToStringAndClear(), new FillSource<TState, T>(state, factory), options, tags, cancellationToken));
    }

    /// <inheritdoc cref="GetOrCreateAsync{TState, T}(string, TState, Func{TState, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<T> GetOrCreateAsync<T>(
        ref DefaultInterpolatedStringHandler key,
        Func<CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        if (MayLook(options, cancellationToken) && FindHit(key.Text) is ValueEntry<T> hit)
        {
            key.Clear();
            return new ValueTask<T>(Counted(hit));
        }

        return ValueAsync(MissAsync(key.ToStringAndClear(), new FillSource<Func<CancellationToken, ValueTask<T>>, T>(factory, static (f, t) => f(t)), options, tags, cancellationToken));
    }

    /// <inheritdoc cref="GetOrCreateAsync{TState, T}(string, TState, Func{TState, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<T> GetOrCreateAsync<T>(
        ref DefaultInterpolatedStringHandler key,
        Func<FillContext, CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        if (MayLook(options, cancellationToken) && FindHit(key.Text) is ValueEntry<T> hit)
        {
            key.Clear();
            return new ValueTask<T>(Counted(hit));
        }

        return ValueAsync(MissAsync(key.ToStringAndClear(), new FillSource<Func<FillContext, CancellationToken, ValueTask<T>>, T>(factory, static (f, c, t) => f(c, t)), options, tags, cancellationToken));
    }

    /// <summary>Like <c>GetOrCreateAsync</c>, and says where the value came from.</summary>
    /// <inheritdoc cref="GetOrCreateAsync{TState, T}(string, TState, Func{TState, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<CacheResult<T>> GetWithInfoAsync<TState, T>(
        string key,
        TState state,
        Func<TState, FillContext, CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        MayLook(options, cancellationToken) && FindHit(key) is ValueEntry<T> hit
            ? new(new CacheResult<T>(Counted(hit), CacheOutcome.Memory))
            : ResultAsync(MissAsync(key, new FillSource<TState, T>(state, factory), options, tags, cancellationToken));

    /// <inheritdoc cref="GetWithInfoAsync{TState, T}(string, TState, Func{TState, FillContext, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<CacheResult<T>> GetWithInfoAsync<T>(
        string key,
        Func<FillContext, CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        GetWithInfoAsync(key, factory, static (f, c, t) => f(c, t), options, tags, cancellationToken);

    /// <summary>
    /// Looks for a value in memory and in the second level, and never asks the source. The answer concerns this call alone, however many
    /// look at once. A stale value counts as found, and no refresh starts.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Ends the waiting for the second level.</param>
    /// <returns>
    /// The value and its level; <see cref="CacheResult{T}.IsFound"/> is false, and the outcome <see cref="CacheOutcome.None"/>, if neither level
    /// holds a value that may be served. A second level that cannot be asked counts as empty.
    /// </returns>
    /// <exception cref="ArgumentException">The key is empty, too long, or holds half of a surrogate pair.</exception>
    public ValueTask<CacheResult<T>> TryGetAsync<T>(string key, CancellationToken cancellationToken = default) =>
        TryGetAsync<T>(key, options: null, tags: null, cancellationToken);

    /// <inheritdoc cref="TryGetAsync{T}(string, CancellationToken)"/>
    /// <param name="key">The key.</param>
    /// <param name="options">How a value that is found in the second level lives in memory.</param>
    /// <param name="tags">Tags that the value in memory carries beside its own.</param>
    /// <param name="cancellationToken">Ends the waiting for the second level.</param>
    public ValueTask<CacheResult<T>> TryGetAsync<T>(
        string key, UnstaleEntryOptions? options, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default) =>
        MayLook(options, cancellationToken) && FindHit(key) is ValueEntry<T> hit
            ? new(new CacheResult<T>(Counted(hit), CacheOutcome.Memory))
            : ResultAsync(ProbeAsync<T>(key, options, tags, cancellationToken));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool MayLook(UnstaleEntryOptions? options, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested
        && (options is null || (options.Flags.GetValueOrDefault() & HybridCacheEntryFlags.DisableLocalCacheRead) == HybridCacheEntryFlags.None);
}
