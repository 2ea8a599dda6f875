using Microsoft.Extensions.Caching.Hybrid;

namespace Unstale.Loading;

/// <summary>
/// Context of HybridCache for one load. The initial values are the options in effect; members changed by the factory replace the options.
/// <see cref="LoadFactory{TState, T}"/> sets the initial value of the local size.
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
        if (Context.LocalSize is >= 0 and var size)
            context.LocalSize = size;
    }
}
