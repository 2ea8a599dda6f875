using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Hybrid;

namespace Unstale;

/// <content>Reads of <see cref="HybridCache"/> and of <see cref="UnstaleCache"/>.</content>
public sealed partial class CacheNamespace
{
    /// <inheritdoc/>
    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        GetOrCreateAsync(key.AsSpan(), state, factory, options, tags, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        ReadOnlySpan<char> key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        MayLook(options?.Flags, cancellationToken) && TryHit(key, out T value)
            ? new ValueTask<T>(value)
            : _cache.GetOrCreateAsync(WholeOf(key), state, factory, options, With(tags), cancellationToken);

    /// <inheritdoc/>
    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, HybridCacheEntryContext, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        GetOrCreateAsync(key.AsSpan(), state, factory, options, tags, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        ReadOnlySpan<char> key,
        TState state,
        Func<TState, HybridCacheEntryContext, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        MayLook(options?.Flags, cancellationToken) && TryHit(key, out T value)
            ? new ValueTask<T>(value)
            : _cache.GetOrCreateAsync(WholeOf(key), state, factory, options, With(tags), cancellationToken);

    /// <inheritdoc cref="UnstaleCache.GetOrCreateAsync{TState, T}(string, TState, Func{TState, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<T> GetOrCreateAsync<TState, T>(
        ReadOnlySpan<char> key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        MayLook(options?.Flags, cancellationToken) && TryHit(key, out T value)
            ? new ValueTask<T>(value)
            : _cache.GetOrCreateAsync(WholeOf(key), state, factory, options, With(tags), cancellationToken);

    /// <inheritdoc cref="UnstaleCache.GetOrCreateAsync{TState, T}(string, TState, Func{TState, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<T> GetOrCreateAsync<TState, T>(
        ReadOnlySpan<char> key,
        TState state,
        Func<TState, LoadContext, CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        MayLook(options?.Flags, cancellationToken) && TryHit(key, out T value)
            ? new ValueTask<T>(value)
            : _cache.GetOrCreateAsync(WholeOf(key), state, factory, options, With(tags), cancellationToken);

    /// <inheritdoc cref="UnstaleCache.GetOrCreateAsync{TState, T}(string, TState, Func{TState, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<T> GetOrCreateAsync<T>(
        ReadOnlySpan<char> key,
        Func<CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        GetOrCreateAsync(key, factory, static (f, t) => f(t), options, tags, cancellationToken);

    /// <inheritdoc cref="UnstaleCache.GetOrCreateAsync{TState, T}(string, TState, Func{TState, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<T> GetOrCreateAsync<T>(
        ReadOnlySpan<char> key,
        Func<LoadContext, CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        GetOrCreateAsync(key, factory, static (f, c, t) => f(c, t), options, tags, cancellationToken);

    /// <inheritdoc cref="UnstaleCache.GetOrCreateAsync{TState, T}(string, TState, Func{TState, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<T> GetOrCreateAsync<TState, T>(
        ref DefaultInterpolatedStringHandler key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        var read = GetOrCreateAsync(key.Text, state, factory, options, tags, cancellationToken);
        key.Clear();
        return read;
    }

    /// <inheritdoc cref="UnstaleCache.GetOrCreateAsync{TState, T}(string, TState, Func{TState, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<T> GetOrCreateAsync<TState, T>(
        ref DefaultInterpolatedStringHandler key,
        TState state,
        Func<TState, LoadContext, CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        var read = GetOrCreateAsync(key.Text, state, factory, options, tags, cancellationToken);
        key.Clear();
        return read;
    }

    /// <inheritdoc cref="UnstaleCache.GetOrCreateAsync{TState, T}(string, TState, Func{TState, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<T> GetOrCreateAsync<T>(
        ref DefaultInterpolatedStringHandler key,
        Func<CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        var read = GetOrCreateAsync(key.Text, factory, options, tags, cancellationToken);
        key.Clear();
        return read;
    }

    /// <inheritdoc cref="UnstaleCache.GetOrCreateAsync{TState, T}(string, TState, Func{TState, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<T> GetOrCreateAsync<T>(
        ref DefaultInterpolatedStringHandler key,
        Func<LoadContext, CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        var read = GetOrCreateAsync(key.Text, factory, options, tags, cancellationToken);
        key.Clear();
        return read;
    }

    /// <inheritdoc cref="UnstaleCache.GetOrCreateResultAsync{TState, T}(string, TState, Func{TState, LoadContext, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<CacheResult<T>> GetOrCreateResultAsync<TState, T>(
        string key,
        TState state,
        Func<TState, LoadContext, CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        MayLook(options?.Flags, cancellationToken) && TryHit(key, out T value)
            ? new(new CacheResult<T>(value, CacheOutcome.Memory))
            : _cache.GetOrCreateResultAsync(WholeOf(key), state, factory, options, With(tags), cancellationToken);

    /// <inheritdoc cref="GetOrCreateResultAsync{TState, T}(string, TState, Func{TState, LoadContext, CancellationToken, ValueTask{T}}, UnstaleEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<CacheResult<T>> GetOrCreateResultAsync<T>(
        string key,
        Func<LoadContext, CancellationToken, ValueTask<T>> factory,
        UnstaleEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        GetOrCreateResultAsync(key, factory, static (f, c, t) => f(c, t), options, tags, cancellationToken);

    private static bool MayLook(HybridCacheEntryFlags? flags, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested && (flags.GetValueOrDefault() & HybridCacheEntryFlags.DisableLocalCacheRead) == HybridCacheEntryFlags.None;
}
