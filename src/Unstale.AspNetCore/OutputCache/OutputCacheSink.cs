using Microsoft.AspNetCore.OutputCaching;
using Unstale.Sinks;

namespace Unstale.AspNetCore.OutputCache;

/// <summary>Sink for the output cache, which supports only tags.</summary>
internal sealed class OutputCacheSink(IOutputCacheStore store, OutputCacheSinkOptions options, Evictions evictions) : IInvalidationSink
{
    public SinkCapabilities Capabilities { get; } =
        SinkCapabilities.Tags | SinkCapabilities.Everything | (options.TagsOfKey is null ? SinkCapabilities.None : SinkCapabilities.Keys);

    public async ValueTask InvalidateAsync(SinkInvalidation invalidation, CancellationToken cancellationToken)
    {
        HashSet<string> tags = invalidation.IsEverything
            ? [options.EverythingTag]
            : [.. invalidation.Tags, .. invalidation.Keys.SelectMany(key => options.TagsOfKey!(key))];
        evictions.Add(tags); // first: a page being generated then either finds this eviction or is evicted
        foreach (var tag in tags)
            await store.EvictByTagAsync(tag, cancellationToken).ConfigureAwait(false);
    }
}
