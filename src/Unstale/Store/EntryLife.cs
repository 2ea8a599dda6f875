using Microsoft.Extensions.Caching.Hybrid;

namespace Unstale.Store;

/// <summary>How an entry lives, after all options have been weighed; milliseconds.</summary>
/// <param name="Expiration">In the second level.</param>
/// <param name="LocalExpiration">In memory; at most <paramref name="Expiration"/>.</param>
/// <param name="FreshFor">Since it was loaded, in whichever level; at most <paramref name="Expiration"/>.</param>
/// <param name="Flags">What is left out.</param>
internal readonly record struct EntryLife(long Expiration, long LocalExpiration, long FreshFor, HybridCacheEntryFlags Flags)
{
    /// <summary>What its factory reads from caches of the same log is what it was made from.</summary>
    public bool RecordsReads { get; init; }

    /// <summary>Longest time of the load; 0: no limit.</summary>
    public long LoadTimeout { get; init; }

    /// <summary>Longest wait for another's load; 0: no limit.</summary>
    public long WaitTimeout { get; init; }

    /// <summary>Whether memory keeps what is loaded.</summary>
    public bool KeepsHere => LocalExpiration > 0 && !Skips(HybridCacheEntryFlags.DisableLocalCacheWrite);

    /// <summary>Whether the second level keeps what is loaded.</summary>
    public bool KeepsRemotely => Expiration > 0 && !Skips(HybridCacheEntryFlags.DisableDistributedCacheWrite);

    public bool Skips(HybridCacheEntryFlags flag) => (Flags & flag) != HybridCacheEntryFlags.None;

    /// <summary>Nobody asked for a refresh before it expires.</summary>
    public bool IsFreshThroughout => FreshFor >= Expiration;

    /// <summary>The same entry with a life that is shorter by this part of it.</summary>
    public EntryLife Shortened(double part) => this with
    {
        Expiration = Expiration - (long)(Expiration * part),
        LocalExpiration = LocalExpiration - (long)(LocalExpiration * part),
        FreshFor = FreshFor - (long)(FreshFor * part),
    };

    /// <summary>
    /// The same entry with the life and flags that its factory gave it. A local life or a freshness that is no shorter than what bounds it
    /// was not asked for: it follows its bound.
    /// </summary>
    public EntryLife With(FillContext? context)
    {
        if (context is null or { Expiration: null, LocalExpiration: null, FreshFor: null, Flags: null })
            return this;
        var expiration = EntryPolicy.Milliseconds(context.Expiration) ?? Expiration;
        var local = EntryPolicy.Milliseconds(context.LocalExpiration) ?? (LocalExpiration < Expiration ? LocalExpiration : expiration);
        var fresh = EntryPolicy.Milliseconds(context.FreshFor) ?? (IsFreshThroughout ? expiration : FreshFor);
        return this with
        {
            Expiration = expiration,
            LocalExpiration = Math.Min(local, expiration),
            FreshFor = Math.Min(fresh, expiration),
            Flags = context.Flags ?? Flags,
        };
    }
}
