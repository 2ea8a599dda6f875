using Microsoft.Extensions.Caching.Hybrid;

namespace Unstale.Loading;

/// <summary>
/// Context of HybridCache for one load. The initial values are the options in effect; members changed by the factory replace the options. The local
/// size has no effect, because memory is bounded by the number of entries; <see cref="LoadFactory{TState, T}"/> sets its initial value.
/// </summary>
internal sealed class HybridContext(in EntryLifetime life)
{
    private readonly EntryLifetime _seed = life;

    public HybridCacheEntryContext Context { get; } = new(new HybridCacheEntryOptions
    {
        Expiration = TimeSpan.FromMilliseconds(life.Expiration),
        LocalCacheExpiration = TimeSpan.FromMilliseconds(life.LocalExpiration),
        Flags = life.Flags,
    });

    /// <summary>Copies the changed members to the context of the load. A member set to null leaves the option in effect.</summary>
    public void CopyChangesTo(LoadContext context)
    {
        if (EntryOptionsResolver.Milliseconds(Context.Expiration) is { } expiration && expiration != _seed.Expiration)
            context.Expiration = Context.Expiration;
        if (EntryOptionsResolver.Milliseconds(Context.LocalCacheExpiration) is { } local && local != _seed.LocalExpiration)
            context.LocalExpiration = Context.LocalCacheExpiration;
        if (Context.Flags is { } flags && flags != _seed.Flags)
            context.Flags = flags;
    }
}
