using Microsoft.Extensions.Caching.Hybrid;

namespace Unstale.Store;

/// <summary>How an entry lives, after all options have been weighed; milliseconds.</summary>
/// <param name="Expiration">In the second level.</param>
/// <param name="LocalExpiration">In memory; at most <paramref name="Expiration"/>.</param>
/// <param name="FreshFor">At most <paramref name="LocalExpiration"/>.</param>
/// <param name="Flags">What is left out.</param>
internal readonly record struct EntryLife(long Expiration, long LocalExpiration, long FreshFor, HybridCacheEntryFlags Flags)
{
    public bool Skips(HybridCacheEntryFlags flag) => (Flags & flag) != HybridCacheEntryFlags.None;

    /// <summary>The same entry with the life that its factory gave it.</summary>
    public EntryLife With(FillContext? context)
    {
        if (context is null || (context.Expiration is null && context.FreshFor is null))
            return this;
        var expiration = EntryPolicy.Milliseconds(context.Expiration) ?? Expiration;
        var local = context.Expiration is null ? LocalExpiration : expiration;
        return new EntryLife(expiration, local, Math.Min(EntryPolicy.Milliseconds(context.FreshFor) ?? local, local), Flags);
    }
}
