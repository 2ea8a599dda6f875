namespace Unstale.Queries;

/// <summary>A query that says under which key its result is kept, and how.</summary>
public interface ICacheableQuery
{
    /// <summary>
    /// What tells this query from others of its type, for example <c>user:123</c>; the prefix and the name of the query come before it.
    /// Null: the result is not kept. <c>QueryHash.Of(this)</c> makes one of everything that the query holds.
    /// </summary>
    string? CacheKey { get; }

    /// <summary>What the result is made from. Null: no tags but the query's own.</summary>
    IEnumerable<string>? Tags => null;

    /// <summary>How long the result lives. Null: what <see cref="DataType"/> says, else <see cref="QueryCacheOptions.Expiration"/>.</summary>
    TimeSpan? Expiration => null;

    /// <summary>Past it the old result is served at once while one refresh runs behind: see <see cref="UnstaleEntryOptions.FreshFor"/>.</summary>
    TimeSpan? FreshFor => null;

    /// <summary>The kind of data, a key of <see cref="UnstaleOptions.DataTypes"/>, whose expiration then holds. Null: the query cache's own.</summary>
    string? DataType => null;
}
