using Microsoft.Extensions.Caching.Hybrid;

namespace Unstale.Sinks;

/// <summary>Sink for another implementation of <see cref="HybridCache"/>, whose tag <c>*</c> means everything.</summary>
internal sealed class HybridCacheSink(HybridCache cache) : IInvalidationSink
{
    private const string All = "*";

    public SinkCapabilities Capabilities => SinkCapabilities.Keys | SinkCapabilities.Tags | SinkCapabilities.Everything;

    public async ValueTask InvalidateAsync(SinkInvalidation invalidation, CancellationToken cancellationToken)
    {
        if (invalidation.IsEverything)
            await cache.RemoveByTagAsync(All, cancellationToken).ConfigureAwait(false);
        if (invalidation.Keys.Count > 0)
            await cache.RemoveAsync(invalidation.Keys, cancellationToken).ConfigureAwait(false);
        if (invalidation.Tags.Count > 0)
            await cache.RemoveByTagAsync(invalidation.Tags, cancellationToken).ConfigureAwait(false);
    }
}
