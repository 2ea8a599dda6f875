using Microsoft.Extensions.Caching.Hybrid;

namespace Unstale.Loading;

/// <summary>Lifetime of an entry after all options are resolved, in milliseconds.</summary>
/// <param name="Expiration">Lifetime in the second level.</param>
/// <param name="LocalExpiration">Lifetime in memory; at most <paramref name="Expiration"/>.</param>
/// <param name="FreshFor">Time since the load during which the value is fresh, in either level; at most <paramref name="Expiration"/>.</param>
/// <param name="Flags">Steps to skip.</param>
internal readonly record struct EntryLifetime(long Expiration, long LocalExpiration, long FreshFor, HybridCacheEntryFlags Flags)
{
    /// <summary>Whether the reads of the factory from caches of the same log are recorded as dependencies of the value.</summary>
    public bool RecordsReads { get; init; }

    /// <summary>Maximum duration of the load; 0: no limit.</summary>
    public long LoadTimeout { get; init; }

    /// <summary>Maximum wait for the load of another caller; 0: no limit.</summary>
    public long WaitTimeout { get; init; }

    /// <summary>Fail-safe, soft timeout, jitter, size and priority; null for none.</summary>
    public EntryPolicy? Policy { get; init; }

    /// <summary>Time after expiration for which memory keeps the value; 0: none.</summary>
    public long FailSafeFor => Policy?.FailSafeFor ?? 0;

    /// <summary>Whether memory stores the loaded value.</summary>
    public bool KeepsHere => LocalExpiration > 0 && !Skips(HybridCacheEntryFlags.DisableLocalCacheWrite);

    /// <summary>Whether the second level stores the loaded value.</summary>
    public bool KeepsRemotely => Expiration > 0 && !Skips(HybridCacheEntryFlags.DisableDistributedCacheWrite);

    public bool Skips(HybridCacheEntryFlags flag) => (Flags & flag) != HybridCacheEntryFlags.None;

    /// <summary>Whether no refresh before the expiration was requested.</summary>
    public bool IsFreshThroughout => FreshFor >= Expiration;

    /// <summary>Returns the same entry with all lifetimes shortened by a fraction.</summary>
    public EntryLifetime Shortened(double part) => this with
    {
        Expiration = Expiration - (long)(Expiration * part),
        LocalExpiration = LocalExpiration - (long)(LocalExpiration * part),
        FreshFor = FreshFor - (long)(FreshFor * part),
    };

    /// <summary>Returns the same entry with a lifetime shortened by a random part of the jitter, at most by half.</summary>
    public EntryLifetime Jittered()
    {
        if (Policy is not { Jitter: > 0 and var jitter } || Expiration <= 0)
            return this;
        return Shortened(Math.Min(0.5, (double)jitter / Expiration) * Random.Shared.NextDouble());
    }

    /// <summary>
    /// Returns the same entry with the lifetimes and flags set by the factory. A local lifetime or a freshness that is no shorter than its bound was
    /// not requested separately, and therefore follows the bound.
    /// </summary>
    public EntryLifetime With(LoadContext? context)
    {
        if (context is { LocalSize: not null } or { Priority: not null })
            return (this with { Policy = PolicyWith(context) }).WithTimes(context);
        return WithTimes(context);
    }

    private EntryPolicy PolicyWith(LoadContext context)
    {
        var policy = Policy ?? EntryPolicy.None;
        return policy with
        {
            LocalSize = context.LocalSize ?? policy.LocalSize,
            Queue = context.Priority is { } priority ? EntryPolicy.QueueOf(priority) : policy.Queue,
        };
    }

    private EntryLifetime WithTimes(LoadContext? context)
    {
        if (context is null or { Expiration: null, LocalExpiration: null, FreshFor: null, Flags: null })
            return this;
        var expiration = EntryOptionsResolver.Milliseconds(context.Expiration) ?? Expiration;
        var local = EntryOptionsResolver.Milliseconds(context.LocalExpiration) ?? (LocalExpiration < Expiration ? LocalExpiration : expiration);
        var fresh = EntryOptionsResolver.Milliseconds(context.FreshFor) ?? (IsFreshThroughout ? expiration : FreshFor);
        return this with
        {
            Expiration = expiration,
            LocalExpiration = Math.Min(local, expiration),
            FreshFor = Math.Min(fresh, expiration),
            Flags = context.Flags ?? Flags,
        };
    }
}
