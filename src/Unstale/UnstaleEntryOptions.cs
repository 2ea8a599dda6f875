using Microsoft.Extensions.Caching.Hybrid;

namespace Unstale;

/// <summary>
/// How one entry lives, beyond what <see cref="HybridCacheEntryOptions"/> can say. What is null is decided, in this order, by the
/// cache's options for the key's prefix, for its data type, and its defaults.
/// </summary>
public sealed class UnstaleEntryOptions
{
    /// <summary>
    /// Lifetime of the value, in the second level and in memory. Above 36,525 days (100 years) it counts as 36,525 days. Null:
    /// <see cref="UnstaleOptions.DefaultExpiration"/>.
    /// </summary>
    public TimeSpan? Expiration { get; init; }

    /// <summary>How long the value lives in this process' memory; never longer than <see cref="Expiration"/>. Null: as long.</summary>
    public TimeSpan? LocalExpiration { get; init; }

    /// <summary>
    /// How long the value counts as fresh. Past it, and until it expires, a read gets the old value at once and one refresh runs
    /// behind. Null: fresh until it expires. An invalidated value is never served, fresh or not.
    /// </summary>
    public TimeSpan? FreshFor { get; init; }

    /// <summary>
    /// The kind of data, a key of <see cref="UnstaleOptions.DataTypes"/>. Null: what stands before the first <c>:</c> of the cache key.
    /// </summary>
    public string? DataType { get; init; }

    /// <summary>
    /// Whether what the factory of this entry reads from caches of the same log counts as what the entry was made from. Null:
    /// <see cref="UnstaleOptions.RecordDependencies"/>.
    /// </summary>
    public bool? RecordDependencies { get; init; }

    /// <summary>What to leave out. Null: nothing.</summary>
    public HybridCacheEntryFlags? Flags { get; init; }
}
