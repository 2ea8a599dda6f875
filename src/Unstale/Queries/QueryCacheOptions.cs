using System.Diagnostics.CodeAnalysis;

namespace Unstale.Queries;

/// <summary>How the results of queries are kept. Checked when the host starts.</summary>
public sealed class QueryCacheOptions
{
    /// <summary>The prefix of every key. Default: <c>query_cache</c>.</summary>
    public const string DefaultKeyPrefix = "query_cache";

    /// <summary>How long a result lives when its query does not say. Default: 300 seconds.</summary>
    public TimeSpan Expiration { get; set; } = TimeSpan.FromSeconds(300);

    /// <summary>What every key begins with: not empty, without wildcards. Default: <c>query_cache</c>.</summary>
    public string KeyPrefix { get; set; } = DefaultKeyPrefix;

    /// <summary>False: every query is executed. Default: true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// True: queries that give no key are kept too, under a hash of what they hold. Default: false, only those that implement
    /// <see cref="ICacheableQuery"/> or carry <see cref="HashedQueryAttribute"/>.
    /// </summary>
    /// <remarks>A query that has no hash is refused when it is executed: see <see cref="QueryHash"/>.</remarks>
    public bool CacheAllQueries
    {
        get;
        [RequiresUnreferencedCode(QueryHash.NeedsMembers)]
        set;
    }

    /// <summary>Whether hits are logged, at level debug, with the name of the query. Default: true.</summary>
    public bool LogHits { get; set; } = true;

    /// <summary>Whether misses are logged, likewise. Default: false.</summary>
    public bool LogMisses { get; set; }

    /// <summary>Which results are failures: they are returned and not kept.</summary>
    public FailureResults Failures { get; } = new();

    /// <summary>Copies the settings, so that the query cache and its keys keep those that were checked.</summary>
    internal QueryCacheOptions Copy() => (QueryCacheOptions)MemberwiseClone();
}
