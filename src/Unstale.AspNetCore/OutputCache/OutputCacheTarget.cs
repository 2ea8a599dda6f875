using Microsoft.AspNetCore.OutputCaching;
using Unstale.Targets;

namespace Unstale.AspNetCore.OutputCache;

/// <summary>The output cache, which knows tags and no more.</summary>
internal sealed class OutputCacheTarget(IOutputCacheStore store, OutputCacheTargetOptions options, Evictions evictions) : ICacheTarget
{
    public TargetAbilities Abilities { get; } =
        TargetAbilities.Tags | TargetAbilities.Everything | (options.TagsOfKey is null ? TargetAbilities.None : TargetAbilities.Keys);

    public async ValueTask InvalidateAsync(TargetInvalidation invalidation, CancellationToken cancellationToken)
    {
        HashSet<string> tags = invalidation.IsEverything
            ? [options.EverythingTag]
            : [.. invalidation.Tags, .. invalidation.Keys.SelectMany(key => options.TagsOfKey!(key))];
        evictions.Add(tags); // first: a page that is being made is either seen by this or evicted
        foreach (var tag in tags)
            await store.EvictByTagAsync(tag, cancellationToken).ConfigureAwait(false);
    }
}
