using Microsoft.AspNetCore.OutputCaching;
using Unstale.Targets;

namespace Unstale.AspNetCore.OutputCache;

/// <summary>Target for the output cache, which supports only tags.</summary>
internal sealed class OutputCacheTarget(IOutputCacheStore store, OutputCacheTargetOptions options, Evictions evictions) : ICacheTarget
{
    public TargetAbilities Abilities { get; } =
        TargetAbilities.Tags | TargetAbilities.Everything | (options.TagsOfKey is null ? TargetAbilities.None : TargetAbilities.Keys);

    public async ValueTask InvalidateAsync(TargetInvalidation invalidation, CancellationToken cancellationToken)
    {
        HashSet<string> tags = invalidation.IsEverything
            ? [options.EverythingTag]
            : [.. invalidation.Tags, .. invalidation.Keys.SelectMany(key => options.TagsOfKey!(key))];
        evictions.Add(tags); // first: a page being generated then either finds this eviction or is evicted
        foreach (var tag in tags)
            await store.EvictByTagAsync(tag, cancellationToken).ConfigureAwait(false);
    }
}
