using Microsoft.AspNetCore.OutputCaching;
using Unstale.AspNetCore;
using Unstale.AspNetCore.OutputCache;
using Unstale.Sinks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extension methods that connect the output cache to the log.</summary>
public static class OutputCacheUnstaleBuilderExtensions
{
    /// <summary>
    /// Evicts cached pages by the tags in the log. Add the tags of its contents to each page (<c>CacheOutput(p => p.Tag("product:7"))</c>). Every page
    /// gets one additional tag, by which all pages are evicted. A page is not stored if one of its tags was evicted while the page was generated.
    /// </summary>
    /// <param name="builder">Builder of the cache whose log the sink follows. The output cache itself is added by <c>AddOutputCache</c>.</param>
    /// <param name="map">Configures the mapping between names in the log and tags of pages.</param>
    /// <param name="configure">Configures the options of the sink, which are validated when the host starts.</param>
    public static IUnstaleBuilder AddOutputCacheSink(
        this IUnstaleBuilder builder, Action<OutputCacheSinkOptions>? map = null, Action<SinkOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new OutputCacheSinkOptions();
        map?.Invoke(options);
        if (string.IsNullOrWhiteSpace(options.EverythingTag))
            throw Errors.EverythingTag();
        var evictions = new Evictions();
        builder.Services.Configure<OutputCacheOptions>(o => o.AddBasePolicy(new EvictionPolicy(options.EverythingTag, evictions)));
        return builder.AddSink(
            "output",
            services => new OutputCacheSink(services.GetService<IOutputCacheStore>() ?? throw Errors.NoOutputCache(builder.Name), options, evictions),
            configure);
    }
}
