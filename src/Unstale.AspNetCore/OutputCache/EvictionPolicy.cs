using Microsoft.AspNetCore.OutputCaching;

namespace Unstale.AspNetCore.OutputCache;

/// <summary>
/// Adds the tag by which all pages are evicted to every page. Prevents storage of a page if one of its tags was evicted while the page was
/// generated. Does not make any request cacheable.
/// </summary>
internal sealed class EvictionPolicy(string everythingTag, Evictions evictions) : IOutputCachePolicy
{
    public ValueTask CacheRequestAsync(OutputCacheContext context, CancellationToken cancellation)
    {
        context.Tags.Add(everythingTag);
        context.HttpContext.Items[this] = evictions.Count;
        return ValueTask.CompletedTask;
    }

    public ValueTask ServeFromCacheAsync(OutputCacheContext context, CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask ServeResponseAsync(OutputCacheContext context, CancellationToken cancellation)
    {
        if (context.HttpContext.Items[this] is not long begun || evictions.Concern(context.Tags, begun))
            context.AllowCacheStorage = false;
        return ValueTask.CompletedTask;
    }
}
