using System.Text.Json.Serialization.Metadata;

namespace Unstale.Queries;

/// <summary>Options of the query cache. Validated when the host starts.</summary>
public sealed class QueryCacheOptions
{
    /// <summary>Default value of <see cref="KeyPrefix"/>: <c>query_cache</c>.</summary>
    public const string DefaultKeyPrefix = "query_cache";

    /// <summary>Lifetime of results whose query sets none. Default: 300 seconds.</summary>
    public TimeSpan Expiration { get; set; } = TimeSpan.FromSeconds(300);

    /// <summary>Prefix of every key. Must not be empty or contain wildcards. Default: <c>query_cache</c>.</summary>
    public string KeyPrefix { get; set; } = DefaultKeyPrefix;

    /// <summary>Whether results are cached. If false, every query is executed. Default: true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// Whether queries without a key are also cached, under a hash of their members. If false, only queries that implement
    /// <see cref="ICacheableQuery"/> or have <see cref="HashedQueryAttribute"/> are cached. Default: false.
    /// </summary>
    /// <remarks>A query that cannot be hashed is rejected when executed: see <see cref="QueryHash"/>.</remarks>
    public bool CacheAllQueries { get; set; }

    /// <summary>
    /// JSON metadata from which queries without a key are hashed, usually a <c>JsonSerializerContext</c> with a <c>[JsonSerializable]</c> for each query. Required
    /// in an application that is trimmed or compiled ahead of time. Hashes are equal with and without metadata. Default: null, members are read by reflection.
    /// </summary>
    public IJsonTypeInfoResolver? JsonTypeInfoResolver { get; set; }

    /// <summary>Whether hits are logged, at debug level and with the name of the query. Default: true.</summary>
    public bool LogHits { get; set; } = true;

    /// <summary>Whether misses are logged, at debug level and with the name of the query. Default: false.</summary>
    public bool LogMisses { get; set; }

    internal FailureResults Failures { get; } = new();

    /// <summary>
    /// Adds a test for failed results, in addition to <see cref="ISucceeded"/>. A failure is returned but not cached. A test that throws counts as
    /// true.
    /// </summary>
    /// <typeparam name="TResult">Result type, or a base type or interface of several result types.</typeparam>
    /// <param name="isFailure">Test that returns true for a failure.</param>
    /// <returns>This instance.</returns>
    public QueryCacheOptions FailWhen<TResult>(Func<TResult, bool> isFailure)
    {
        Failures.Add(isFailure);
        return this;
    }

    /// <summary>Copies the validated settings, so that later changes do not affect the query cache and its keys.</summary>
    internal QueryCacheOptions Copy() => (QueryCacheOptions)MemberwiseClone();
}
