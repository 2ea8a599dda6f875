using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Loading;
using Unstale.Memory;

namespace Unstale;

/// <content>
/// Reads with <see cref="UnstaleEntryOptions"/>: for each kind of key, with or without state, with or without a <see cref="LoadContext"/>.
/// </content>
public sealed partial class UnstaleCache
{
    /// <summary>
    /// Returns the value stored under a key. If no valid value is stored, calls the factory to load one; concurrent callers of the same key share a
    /// single load.
    /// </summary>
    /// <typeparam name="TState">Type of the state passed to the factory.</typeparam>
    /// <typeparam name="T">Type of the value.</typeparam>
    /// <param name="key">Key of the value. A span or an interpolated string is converted to a string only on a miss.</param>
    /// <param name="state">State passed to the factory, so that the factory needs no closure.</param>
    /// <param name="factory">
    /// Loads the value from the source. A value loaded inside a transaction or an <see cref="InvalidationScope"/> of the caller is returned but not
    /// stored.
    /// </param>
    /// <param name="options">Lifetime and other options of the entry. Default: null (options of the cache).</param>
    /// <param name="tags">Tags of the entry: names of the data from which the value is made. Default: null (none).</param>
    /// <param name="cancellationToken">
    /// Cancels the wait of this caller. The factory's token is cancelled when no caller waits for the load any longer.
    /// </param>
    /// <returns>The stored or loaded value.</returns>
    /// <exception cref="ArgumentException">
    /// The key or a tag is empty, too long, or contains an unpaired surrogate; or an option is refused.
    /// </exception>
    /// <exception cref="RecursiveLoadException">The factory reads its own key.</exception>
    /// <exception cref="LoadTimeoutException">
    /// A limit of <see cref="UnstaleEntryOptions.LoadTimeout"/> or <see cref="UnstaleEntryOptions.WaitTimeout"/> has passed.
    /// </exception>
    /// <exception cref="NotTrustedException">
    /// The node is not trusted, and <see cref="UnstaleOptions.WhenNotTrusted"/> is <see cref="UntrustedReadBehavior.Throw"/>.
    /// </exception>
    /// <exception cref="LoadRejectedException">
    /// Loads are limited, and <see cref="UnstaleOptions.UntrustedLoadsWaiting"/> loads already wait.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public ValueTask<T> GetOrCreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        MayLook(options, cancellationToken) && FindHit(key) is ValueEntry<T> hit
            ? new ValueTask<T>(Counted(hit))
            : ValueAsync(MissAsync(key, new LoadFactory<TState, T>(state, factory), options, tags, cancellationToken));

    /// <inheritdoc cref="GetOrCreateAsync{TState, T}(string, TState, Func{TState, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<T> GetOrCreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, LoadContext, CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        MayLook(options, cancellationToken) && FindHit(key) is ValueEntry<T> hit
            ? new ValueTask<T>(Counted(hit))
            : ValueAsync(MissAsync(key, new LoadFactory<TState, T>(state, factory), options, tags, cancellationToken));

    /// <inheritdoc cref="GetOrCreateAsync{TState, T}(string, TState, Func{TState, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<T> GetOrCreateAsync<T>(
        string key,
        Func<CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        MayLook(options, cancellationToken) && FindHit(key) is ValueEntry<T> hit
            ? new ValueTask<T>(Counted(hit))
            : ValueAsync(MissAsync(key, new LoadFactory<Func<CancellationToken, ValueTask<T>>, T>(factory, static (f, t) => f(t)), options, tags, cancellationToken));

    /// <inheritdoc cref="GetOrCreateAsync{TState, T}(string, TState, Func{TState, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<T> GetOrCreateAsync<T>(
        string key,
        Func<LoadContext, CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        MayLook(options, cancellationToken) && FindHit(key) is ValueEntry<T> hit
            ? new ValueTask<T>(Counted(hit))
            : ValueAsync(MissAsync(key, new LoadFactory<Func<LoadContext, CancellationToken, ValueTask<T>>, T>(factory, static (f, c, t) => f(c, t)), options, tags, cancellationToken));

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
            : ValueAsync(MissAsync(key.ToString(), new LoadFactory<TState, T>(state, factory), options, tags, cancellationToken));

    /// <inheritdoc cref="GetOrCreateAsync{TState, T}(string, TState, Func{TState, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<T> GetOrCreateAsync<TState, T>(
        ReadOnlySpan<char> key,
        TState state,
        Func<TState, LoadContext, CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        MayLook(options, cancellationToken) && FindHit(key) is ValueEntry<T> hit
            ? new ValueTask<T>(Counted(hit))
            : ValueAsync(MissAsync(key.ToString(), new LoadFactory<TState, T>(state, factory), options, tags, cancellationToken));

    /// <inheritdoc cref="GetOrCreateAsync{TState, T}(string, TState, Func{TState, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<T> GetOrCreateAsync<T>(
        ReadOnlySpan<char> key,
        Func<CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        MayLook(options, cancellationToken) && FindHit(key) is ValueEntry<T> hit
            ? new ValueTask<T>(Counted(hit))
            : ValueAsync(MissAsync(key.ToString(), new LoadFactory<Func<CancellationToken, ValueTask<T>>, T>(factory, static (f, t) => f(t)), options, tags, cancellationToken));

    /// <inheritdoc cref="GetOrCreateAsync{TState, T}(string, TState, Func{TState, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<T> GetOrCreateAsync<T>(
        ReadOnlySpan<char> key,
        Func<LoadContext, CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        MayLook(options, cancellationToken) && FindHit(key) is ValueEntry<T> hit
            ? new ValueTask<T>(Counted(hit))
            : ValueAsync(MissAsync(key.ToString(), new LoadFactory<Func<LoadContext, CancellationToken, ValueTask<T>>, T>(factory, static (f, c, t) => f(c, t)), options, tags, cancellationToken));

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

        return ValueAsync(MissAsync(key.ToStringAndClear(), new LoadFactory<TState, T>(state, factory), options, tags, cancellationToken));
    }

    /// <inheritdoc cref="GetOrCreateAsync{TState, T}(string, TState, Func{TState, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<T> GetOrCreateAsync<TState, T>(
        ref DefaultInterpolatedStringHandler key,
        TState state,
        Func<TState, LoadContext, CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        if (MayLook(options, cancellationToken) && FindHit(key.Text) is ValueEntry<T> hit)
        {
            key.Clear();
            return new ValueTask<T>(Counted(hit));
        }

        return ValueAsync(MissAsync(key.ToStringAndClear(), new LoadFactory<TState, T>(state, factory), options, tags, cancellationToken));
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

        return ValueAsync(MissAsync(key.ToStringAndClear(), new LoadFactory<Func<CancellationToken, ValueTask<T>>, T>(factory, static (f, t) => f(t)), options, tags, cancellationToken));
    }

    /// <inheritdoc cref="GetOrCreateAsync{TState, T}(string, TState, Func{TState, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<T> GetOrCreateAsync<T>(
        ref DefaultInterpolatedStringHandler key,
        Func<LoadContext, CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        if (MayLook(options, cancellationToken) && FindHit(key.Text) is ValueEntry<T> hit)
        {
            key.Clear();
            return new ValueTask<T>(Counted(hit));
        }

        return ValueAsync(MissAsync(key.ToStringAndClear(), new LoadFactory<Func<LoadContext, CancellationToken, ValueTask<T>>, T>(factory, static (f, c, t) => f(c, t)), options, tags, cancellationToken));
    }

    /// <summary>
    /// Returns the value stored under a key or loaded by the factory, as <c>GetOrCreateAsync</c> does, together with the origin of the value.
    /// </summary>
    /// <returns>The value and its origin.</returns>
    /// <inheritdoc cref="GetOrCreateAsync{TState, T}(string, TState, Func{TState, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<CacheResult<T>> GetOrCreateResultAsync<TState, T>(
        string key,
        TState state,
        Func<TState, LoadContext, CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        MayLook(options, cancellationToken) && FindHit(key) is ValueEntry<T> hit
            ? new(new CacheResult<T>(Counted(hit), CacheOutcome.Memory))
            : ResultAsync(MissAsync(key, new LoadFactory<TState, T>(state, factory), options, tags, cancellationToken, withOutcome: true));

    /// <inheritdoc cref="GetOrCreateResultAsync{TState, T}(string, TState, Func{TState, LoadContext, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<CacheResult<T>> GetOrCreateResultAsync<T>(
        string key,
        Func<LoadContext, CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        GetOrCreateResultAsync(key, factory, static (f, c, t) => f(c, t), options, tags, cancellationToken);

    /// <summary>
    /// Looks for a value in memory and in the second level, without a factory. The result is independent of concurrent reads of the same key. A stale
    /// value counts as found, and no refresh starts.
    /// </summary>
    /// <typeparam name="T">Type of the value.</typeparam>
    /// <param name="key">Key of the value.</param>
    /// <param name="cancellationToken">Cancels the wait for the second level.</param>
    /// <returns>
    /// The value and its origin. If neither level holds a value that may be served, <see cref="CacheResult{T}.IsFound"/> is false and the outcome is
    /// <see cref="CacheOutcome.None"/>. A second level that cannot be reached counts as empty.
    /// </returns>
    /// <exception cref="ArgumentException">The key is empty, too long, or contains an unpaired surrogate.</exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public ValueTask<CacheResult<T>> TryGetAsync<T>(string key, CancellationToken cancellationToken = default) =>
        TryGetAsync<T>(key, options: null, tags: null, cancellationToken);

    /// <inheritdoc cref="TryGetAsync{T}(string, CancellationToken)"/>
    /// <param name="key">Key of the value.</param>
    /// <param name="options">Lifetime in memory of a value found in the second level. Null: options of the cache.</param>
    /// <param name="tags">Additional tags of the copy in memory. Default: null (none).</param>
    /// <param name="cancellationToken">Cancels the wait for the second level.</param>
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
