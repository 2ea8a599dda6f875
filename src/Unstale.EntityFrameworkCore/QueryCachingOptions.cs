using Microsoft.Extensions.Caching.Hybrid;

namespace Unstale.EntityFrameworkCore;

/// <summary>Options of the cached queries of a context, see <see cref="UnstaleContextOptions.CacheAllQueries"/>.</summary>
public sealed class QueryCachingOptions
{
    internal const int DefaultRows = 1000;

    private readonly HashSet<string> _excluded = new(StringComparer.Ordinal);
    private UnstaleEntryOptions? _entry;

    internal QueryCachingOptions()
    {
    }

    /// <summary>Lifetime of the rows. Default: null (options of the cache).</summary>
    public TimeSpan? Expiration
    {
        get;
        set
        {
            field = value;
            _entry = null;
        }
    }

    /// <summary>
    /// Maximum number of rows that one command returns from the cache. A larger result is read from the database and streamed to each caller. Default: 1,000.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is below 1.</exception>
    public int MaximumRows
    {
        get;
        set => field = value < 1 ? throw Errors.MaximumRows(nameof(value), value) : value;
    } = DefaultRows;

    /// <summary>Options of the entries. Rows are values of the provider, and remain in the memory of the process.</summary>
    internal UnstaleEntryOptions Entry => _entry ??= new() { Expiration = Expiration, Flags = HybridCacheEntryFlags.DisableDistributedCache };

    /// <summary>Excludes queries that read a table: they are executed each time.</summary>
    /// <param name="table">Name of the table, with its schema if the model names one: <c>table</c> or <c>schema.table</c>.</param>
    /// <returns>The options.</returns>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public QueryCachingOptions ExcludeTable(string table)
    {
        ArgumentException.ThrowIfNullOrEmpty(table);
        _excluded.Add(table);
        return this;
    }

    internal bool IsExcluded(string table) => _excluded.Contains(table);
}
