using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Unstale;
using Unstale.Hosting;
using Unstale.Sinks;
using Unstale.Values;

namespace Microsoft.Extensions.DependencyInjection;

/// <content>Other caches as sinks.</content>
public static partial class UnstaleBuilderExtensions
{
    /// <summary>Adds a callback as a sink that supports every kind of invalidation.</summary>
    /// <param name="builder">Builder of the cache whose log is forwarded.</param>
    /// <param name="name">Name of the sink in logs and metrics.</param>
    /// <param name="callback">Callback that removes the named entries. Called for one record at a time, and called again if it throws.</param>
    /// <param name="configure">Callback that changes the options. The options are validated when the host starts.</param>
    public static IUnstaleBuilder AddSink(
        this IUnstaleBuilder builder, string name, Func<SinkInvalidation, CancellationToken, ValueTask> callback, Action<SinkOptions>? configure = null) =>
        builder.AddSink(name, SinkCapabilities.All, callback, configure);

    /// <summary>
    /// Adds a callback as a sink with limited capabilities. An unsupported invalidation is replaced by the next broader one that is supported.
    /// </summary>
    /// <inheritdoc cref="AddSink(IUnstaleBuilder, string, Func{SinkInvalidation, CancellationToken, ValueTask}, Action{SinkOptions}?)"/>
    /// <param name="builder">Builder of the cache whose log is forwarded.</param>
    /// <param name="name">Name of the sink in logs and metrics.</param>
    /// <param name="capabilities">Kinds of invalidations supported by the callback.</param>
    /// <param name="callback">Callback that removes the named entries. Called for one record at a time, and called again if it throws.</param>
    /// <param name="configure">Callback that changes the options. The options are validated when the host starts.</param>
    public static IUnstaleBuilder AddSink(
        this IUnstaleBuilder builder,
        string name,
        SinkCapabilities capabilities,
        Func<SinkInvalidation, CancellationToken, ValueTask> callback,
        Action<SinkOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var sink = new CallbackSink(capabilities, callback);
        return builder.AddSink(name, _ => sink, configure);
    }

    /// <summary>Adds a custom sink.</summary>
    /// <param name="builder">Builder of the cache whose log is forwarded.</param>
    /// <param name="name">Name of the sink in logs and metrics.</param>
    /// <param name="find">Function that returns the sink. Called when the host starts, or earlier if a record must be delivered.</param>
    /// <param name="configure">Callback that changes the options. The options are validated when the host starts.</param>
    public static IUnstaleBuilder AddSink(
        this IUnstaleBuilder builder, string name, Func<IServiceProvider, IInvalidationSink> find, Action<SinkOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(find);
        var services = builder.Services;
        var sink = new SinkRegistration(builder.Name, name, find);
        if (services.Any(d => d.ImplementationInstance is SinkRegistration other && other.OptionsName == sink.OptionsName))
            throw Errors.SinkAddedTwice(name, builder.Name);
        services.AddSingleton(sink);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SinkOptions>, SinkOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, SinkService>());
        var options = services.AddOptions<SinkOptions>(sink.OptionsName).ValidateOnStart();
        if (configure is not null)
            options.Configure(configure);
        return builder;
    }

    /// <summary>
    /// Adds the registered <see cref="IMemoryCache"/> as a sink. A <see cref="MemoryCache"/> supports keys, patterns (for keys that are strings) and
    /// everything, and also tags if the options map tags to keys. Any other implementation supports neither patterns nor everything, and requires
    /// <see cref="SinkOptions.AcceptsPartial"/>.
    /// </summary>
    /// <param name="builder">Builder of the cache whose log is forwarded.</param>
    /// <param name="map">Callback that configures the mapping between names of the log and keys of the memory cache.</param>
    /// <param name="configure">Callback that changes the options. The options are validated when the host starts.</param>
    public static IUnstaleBuilder AddMemoryCacheSink(
        this IUnstaleBuilder builder, Action<MemoryCacheSinkOptions>? map = null, Action<SinkOptions>? configure = null)
    {
        var options = new MemoryCacheSinkOptions();
        map?.Invoke(options);
        return builder.AddSink("memory", services => new MemoryCacheSink(services.GetRequiredService<IMemoryCache>(), options), configure);
    }

    /// <summary>
    /// Adds another <see cref="HybridCache"/> implementation as a sink. Supports keys, tags, and everything through the tag <c>*</c>. A pattern
    /// invalidates everything.
    /// </summary>
    /// <param name="builder">Builder of the cache whose log is forwarded.</param>
    /// <param name="name">Name of the sink in logs and metrics.</param>
    /// <param name="find">Function that returns the cache. Called when the host starts, or earlier if a record must be delivered.</param>
    /// <param name="configure">Callback that changes the options. The options are validated when the host starts.</param>
    public static IUnstaleBuilder AddHybridCacheSink(
        this IUnstaleBuilder builder, string name, Func<IServiceProvider, HybridCache> find, Action<SinkOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(find);
        return builder.AddSink(
            name,
            services => find(services) is { } cache and not UnstaleCache ? new HybridCacheSink(cache) : throw Errors.SinkFollowsALog(name, builder.Name),
            configure);
    }
}
