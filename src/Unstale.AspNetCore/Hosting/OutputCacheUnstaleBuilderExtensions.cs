using Microsoft.AspNetCore.OutputCaching;
using Unstale.AspNetCore;
using Unstale.AspNetCore.OutputCache;
using Unstale.Targets;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets the output cache hear what was invalidated.</summary>
public static class OutputCacheUnstaleBuilderExtensions
{
    /// <summary>
    /// Evicts cached pages by the tags that the log names: give a page the tags of what it shows (<c>CacheOutput(p => p.Tag("product:7"))</c>).
    /// Every page gets one tag more, by which all are evicted. A page during whose making one of its tags was evicted is not kept.
    /// </summary>
    /// <param name="builder">The cache whose log is told. The output cache itself is added by <c>AddOutputCache</c>.</param>
    /// <param name="map">How names of the log and tags of pages belong together.</param>
    /// <param name="configure">Changes the options of the target; they are checked when the host starts.</param>
    public static IUnstaleBuilder AddOutputCacheTarget(
        this IUnstaleBuilder builder, Action<OutputCacheTargetOptions>? map = null, Action<TargetOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new OutputCacheTargetOptions();
        map?.Invoke(options);
        if (string.IsNullOrWhiteSpace(options.EverythingTag))
            throw Errors.EverythingTag();
        var evictions = new Evictions();
        builder.Services.Configure<OutputCacheOptions>(o => o.AddBasePolicy(new EvictionPolicy(options.EverythingTag, evictions)));
        return builder.AddTarget(
            "output",
            services => new OutputCacheTarget(services.GetService<IOutputCacheStore>() ?? throw Errors.NoOutputCache(builder.Name), options, evictions),
            configure);
    }
}
