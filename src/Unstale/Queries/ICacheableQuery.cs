namespace Unstale.Queries;

/// <summary>Query that provides the key and the settings under which its result is cached.</summary>
public interface ICacheableQuery
{
    /// <summary>
    /// Key that distinguishes this query from others of the same type, for example <c>user:123</c>. The prefix and the query's name are prepended.
    /// Null: the result is not cached. <c>QueryHash.Of(this)</c> returns a key derived from all members of the query.
    /// </summary>
    string? CacheKey { get; }

    /// <summary>Tags of the data in the result. Null: only the query's own tag.</summary>
    IEnumerable<string>? Tags => null;

    /// <summary>Lifetime of the result. Null: the expiration of <see cref="DataType"/> if set, otherwise <see cref="QueryCacheOptions.Expiration"/>.</summary>
    TimeSpan? Expiration => null;

    /// <summary>Age from which the old result is served immediately while one refresh runs in the background: see <see cref="UnstaleEntryOptions.FreshFor"/>.</summary>
    TimeSpan? FreshFor => null;

    /// <summary>Kind of data, a key of <see cref="UnstaleOptions.DataTypes"/>, which determines the expiration. Null: the expiration of the query cache.</summary>
    string? DataType => null;
}
