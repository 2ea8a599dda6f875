using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Telemetry;

namespace Unstale.Queries;

/// <summary>
/// Caches the results of queries and wraps the code that executes them. The query (<see cref="ICacheableQuery"/>,
/// <see cref="HashedQueryAttribute"/>) or the options determine which results are cached and under which key. A <c>null</c>, an empty list
/// and 0 are cached like any other result.
/// </summary>
/// <remarks>
/// Results are entries of the underlying cache: loaded once for all concurrent callers, invalidated with their key, tags or dependencies, and
/// shared through Redis if configured. Each entry has the tag <c>query_cache:{QueryType}</c>.
/// </remarks>
public sealed class QueryCache
{
    private readonly UnstaleCache _cache;
    private readonly QueryKeys _keys;
    private readonly QueryCacheOptions _options;
    private readonly GuardedLogger _logger;
    private readonly UnstaleEntryOptions _entry;

    internal QueryCache(UnstaleCache cache, QueryKeys keys, QueryCacheOptions options, GuardedLogger logger)
    {
        (_cache, _keys, _options, _logger) = (cache, keys, options, logger);
        _entry = new UnstaleEntryOptions { Expiration = options.Expiration };
    }

    /// <summary>Returns the key under which the result of a query is cached; null if the result is not cached.</summary>
    /// <exception cref="InvalidOperationException">Two query types have the same name, or the query contains a value that cannot be hashed.</exception>
    public string? KeyOf(object query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return _options.Enabled ? _keys.KeyOf(query) : null;
    }

    /// <summary>Returns the cached result of a query, or executes the query.</summary>
    /// <param name="query">Query to execute. The runtime type applies, not the declared type.</param>
    /// <param name="next">Function that executes the query; called once for all concurrent callers of the same query.</param>
    /// <param name="cancellationToken">Cancels the wait of this caller.</param>
    /// <exception cref="ArgumentException">The key or a tag is empty, too long, or contains an unpaired surrogate.</exception>
    /// <exception cref="InvalidOperationException">Two query types have the same name, or the query contains a value that cannot be hashed.</exception>
    public ValueTask<T> ExecuteAsync<T>(object query, Func<CancellationToken, ValueTask<T>> next, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(next);
        return ValueAsync(ExecuteWithInfoAsync(query, next, static (_, execute, _, token) => execute(token), cancellationToken));
    }

    /// <inheritdoc cref="ExecuteAsync{T}(object, Func{CancellationToken, ValueTask{T}}, CancellationToken)"/>
    public ValueTask<T> ExecuteAsync<TQuery, T>(TQuery query, Func<TQuery, CancellationToken, ValueTask<T>> next, CancellationToken cancellationToken = default)
        where TQuery : notnull
    {
        ArgumentNullException.ThrowIfNull(next);
        return ValueAsync(ExecuteWithInfoAsync(query, next, static (q, execute, _, token) => execute(q, token), cancellationToken));
    }

    /// <summary>Returns the cached result of a query, or executes the query. The executing function can add tags or prevent caching of the result.</summary>
    /// <inheritdoc cref="ExecuteAsync{T}(object, Func{CancellationToken, ValueTask{T}}, CancellationToken)"/>
    public ValueTask<T> ExecuteAsync<TQuery, T>(
        TQuery query, Func<TQuery, LoadContext, CancellationToken, ValueTask<T>> next, CancellationToken cancellationToken = default)
        where TQuery : notnull
    {
        ArgumentNullException.ThrowIfNull(next);
        return ValueAsync(ExecuteWithInfoAsync(query, next, static (q, execute, context, token) => execute(q, context, token), cancellationToken));
    }

    /// <summary>Returns the cached result of a query, or executes the query.</summary>
    /// <param name="query">Query to execute. The runtime type applies, not the declared type.</param>
    /// <param name="state">Passed to <paramref name="next"/>, which then needs no closure.</param>
    /// <param name="next">Function that executes the query; called once for all concurrent callers of the same query.</param>
    /// <param name="cancellationToken">Cancels the wait of this caller.</param>
    /// <exception cref="ArgumentException">The key or a tag is empty, too long, or contains an unpaired surrogate.</exception>
    /// <exception cref="InvalidOperationException">Two query types have the same name, or the query contains a value that cannot be hashed.</exception>
    public ValueTask<T> ExecuteAsync<TQuery, TState, T>(
        TQuery query, TState state, Func<TQuery, TState, CancellationToken, ValueTask<T>> next, CancellationToken cancellationToken = default)
        where TQuery : notnull
    {
        ArgumentNullException.ThrowIfNull(next);
        return ValueAsync(ExecuteWithInfoAsync(query, (state, next), static (q, s, _, token) => s.next(q, s.state, token), cancellationToken));
    }

    /// <summary>Same as <c>ExecuteAsync</c>, but also returns the source of the result. The outcome of an uncached query is <see cref="CacheOutcome.Load"/>.</summary>
    /// <inheritdoc cref="ExecuteAsync{TQuery, TState, T}(TQuery, TState, Func{TQuery, TState, CancellationToken, ValueTask{T}}, CancellationToken)"/>
    public ValueTask<CacheResult<T>> ExecuteWithInfoAsync<TQuery, TState, T>(
        TQuery query, TState state, Func<TQuery, TState, LoadContext, CancellationToken, ValueTask<T>> next, CancellationToken cancellationToken = default)
        where TQuery : notnull
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(next);
        if (!_options.Enabled)
            return UncachedAsync(query, state, next, cancellationToken);
        var kind = _keys.KindOf(query.GetType());
        if (_keys.KeyOf(query, kind) is not { } key)
            return UncachedAsync(query, state, next, cancellationToken);
        var about = query as ICacheableQuery;
        var read = _cache.GetOrCreateResultAsync(
            key,
            (query, state, next, _options.Failures),
            static (s, context, token) => LoadAsync(s.query, s.state, s.next, s.Failures, context, token),
            about is null ? _entry : EntryOf(about),
            about?.Tags is { } tags ? tags.Append(kind.Tag) : kind.Tags,
            cancellationToken);
        return (_options.LogHits || _options.LogMisses) && _logger.IsEnabled(LogLevel.Debug) ? LoggedAsync(read, kind) : read;
    }

    private static async ValueTask<T> LoadAsync<TQuery, TState, T>(
        TQuery query,
        TState state,
        Func<TQuery, TState, LoadContext, CancellationToken, ValueTask<T>> next,
        FailureResults failures,
        LoadContext context,
        CancellationToken cancellationToken)
    {
        var result = await next(query, state, context, cancellationToken).ConfigureAwait(false);
        if (failures.IsFailure(result, whenUnknown: true))
            context.DoNotStore();
        return result;
    }

    private async ValueTask<CacheResult<T>> UncachedAsync<TQuery, TState, T>(
        TQuery query, TState state, Func<TQuery, TState, LoadContext, CancellationToken, ValueTask<T>> next, CancellationToken cancellationToken)
        where TQuery : notnull
    {
        var context = new LoadContext(TypeNames.NameOf(query.GetType()), int.MaxValue, _cache.Scopes);
        try
        {
            return new(await next(query, state, context, cancellationToken).ConfigureAwait(false), CacheOutcome.Load);
        }
        finally
        {
            await context.EndServicesAsync().ConfigureAwait(false);
        }
    }

    private static ValueTask<T> ValueAsync<T>(ValueTask<CacheResult<T>> read)
    {
        return read.IsCompletedSuccessfully ? new(read.Result.Value) : Awaited(read);

        static async ValueTask<T> Awaited(ValueTask<CacheResult<T>> read) => (await read.ConfigureAwait(false)).Value;
    }

    private UnstaleEntryOptions EntryOf(ICacheableQuery query)
    {
        var (expiration, fresh, type) = (query.Expiration, query.FreshFor, query.DataType);
        return expiration is null && fresh is null && type is null
            ? _entry
            : new UnstaleEntryOptions { Expiration = expiration ?? (type is null ? _options.Expiration : null), FreshFor = fresh, DataType = type };
    }

    private async ValueTask<CacheResult<T>> LoggedAsync<T>(ValueTask<CacheResult<T>> read, QueryKind kind)
    {
        var result = await read.ConfigureAwait(false);
        var isHit = result.Outcome is not (CacheOutcome.Load or CacheOutcome.Joined or CacheOutcome.None);
        if (isHit && _options.LogHits)
            _logger.QueryHit(_cache.Name, kind.Name, result.Outcome);
        else if (!isHit && _options.LogMisses)
            _logger.QueryMiss(_cache.Name, kind.Name, result.Outcome);
        return result;
    }
}
