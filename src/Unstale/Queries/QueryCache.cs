using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Telemetry;

namespace Unstale.Queries;

/// <summary>
/// Keeps the results of queries: wraps whatever executes them. Which are kept, and under which key, the query says (<see cref="ICacheableQuery"/>,
/// <see cref="HashedQueryAttribute"/>) or the options. A kept <c>null</c>, an empty list and 0 are results like others.
/// </summary>
/// <remarks>
/// Results are entries of the cache that it was added to: filled once for all who wait, given up with their key, tags or what they depend
/// on, shared through Redis where there is one. Each carries the tag <c>query_cache:{QueryType}</c>.
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

    /// <summary>The key under which the result of a query is kept; null if it is not kept.</summary>
    /// <exception cref="InvalidOperationException">Two queries have one name, or the query holds what has no hash.</exception>
    public string? KeyOf(object query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return _options.Enabled ? _keys.KeyOf(query) : null;
    }

    /// <summary>Gives the kept result of a query, or executes it.</summary>
    /// <param name="query">The query. Its type at run time counts, not the declared one.</param>
    /// <param name="next">Executes it; once for all who wait for the same query.</param>
    /// <param name="cancellationToken">Ends this caller's waiting.</param>
    /// <exception cref="ArgumentException">The key or a tag is empty, too long, or holds half of a surrogate pair.</exception>
    /// <exception cref="InvalidOperationException">Two queries have one name, or the query holds what has no hash.</exception>
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

    /// <summary>Gives the kept result of a query, or executes it; what executes it may add tags or say that the result is not to be kept.</summary>
    /// <inheritdoc cref="ExecuteAsync{T}(object, Func{CancellationToken, ValueTask{T}}, CancellationToken)"/>
    public ValueTask<T> ExecuteAsync<TQuery, T>(
        TQuery query, Func<TQuery, FillContext, CancellationToken, ValueTask<T>> next, CancellationToken cancellationToken = default)
        where TQuery : notnull
    {
        ArgumentNullException.ThrowIfNull(next);
        return ValueAsync(ExecuteWithInfoAsync(query, next, static (q, execute, context, token) => execute(q, context, token), cancellationToken));
    }

    /// <summary>Gives the kept result of a query, or executes it.</summary>
    /// <param name="query">The query. Its type at run time counts, not the declared one.</param>
    /// <param name="state">Given to <paramref name="next"/>, so that it needs no closure.</param>
    /// <param name="next">Executes it; once for all who wait for the same query.</param>
    /// <param name="cancellationToken">Ends this caller's waiting.</param>
    /// <exception cref="ArgumentException">The key or a tag is empty, too long, or holds half of a surrogate pair.</exception>
    /// <exception cref="InvalidOperationException">Two queries have one name, or the query holds what has no hash.</exception>
    public ValueTask<T> ExecuteAsync<TQuery, TState, T>(
        TQuery query, TState state, Func<TQuery, TState, CancellationToken, ValueTask<T>> next, CancellationToken cancellationToken = default)
        where TQuery : notnull
    {
        ArgumentNullException.ThrowIfNull(next);
        return ValueAsync(ExecuteWithInfoAsync(query, (state, next), static (q, s, _, token) => s.next(q, s.state, token), cancellationToken));
    }

    /// <summary>Like <c>ExecuteAsync</c>, and says where the result came from; one that is not kept says <see cref="CacheOutcome.Fill"/>.</summary>
    /// <inheritdoc cref="ExecuteAsync{TQuery, TState, T}(TQuery, TState, Func{TQuery, TState, CancellationToken, ValueTask{T}}, CancellationToken)"/>
    public ValueTask<CacheResult<T>> ExecuteWithInfoAsync<TQuery, TState, T>(
        TQuery query, TState state, Func<TQuery, TState, FillContext, CancellationToken, ValueTask<T>> next, CancellationToken cancellationToken = default)
        where TQuery : notnull
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(next);
        if (!_options.Enabled)
            return UncachedAsync(query, state, next, cancellationToken);
        var kind = _keys.Of(query.GetType());
        if (_keys.KeyOf(query, kind) is not { } key)
            return UncachedAsync(query, state, next, cancellationToken);
        var about = query as ICacheableQuery;
        var read = _cache.GetWithInfoAsync(
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
        Func<TQuery, TState, FillContext, CancellationToken, ValueTask<T>> next,
        FailureResults failures,
        FillContext context,
        CancellationToken cancellationToken)
    {
        var result = await next(query, state, context, cancellationToken).ConfigureAwait(false);
        if (failures.IsFailure(result, whenUnknown: true))
            context.DoNotStore();
        return result;
    }

    private async ValueTask<CacheResult<T>> UncachedAsync<TQuery, TState, T>(
        TQuery query, TState state, Func<TQuery, TState, FillContext, CancellationToken, ValueTask<T>> next, CancellationToken cancellationToken)
        where TQuery : notnull
    {
        var context = new FillContext(TypeNames.Of(query.GetType()), int.MaxValue, _cache.Scopes);
        try
        {
            return new(await next(query, state, context, cancellationToken).ConfigureAwait(false), CacheOutcome.Fill);
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
        var isHit = result.Outcome is CacheOutcome.Memory or CacheOutcome.Stale or CacheOutcome.Untrusted or CacheOutcome.Remote;
        if (isHit && _options.LogHits)
            _logger.QueryHit(_cache.Name, kind.Name, result.Outcome);
        else if (!isHit && _options.LogMisses)
            _logger.QueryMiss(_cache.Name, kind.Name, result.Outcome);
        return result;
    }
}
