using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Unstale;
using Unstale.Hosting;
using Unstale.Targets;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Adds other caches that are told what the log of a cache says, in its order, whoever raised it. The guarantees of the cache do not hold
/// for them: a target may hold, for as long as its entries live, what it loaded while it was being told.
/// </summary>
public static class TargetUnstaleBuilderExtensions
{
    /// <summary>Tells a callback, which can be told all there is.</summary>
    /// <param name="builder">The cache whose log is told.</param>
    /// <param name="name">The target's name in log lines and measurements.</param>
    /// <param name="callback">Forgets what it is told; called for one record after the other, again when it throws.</param>
    /// <param name="configure">Changes the options; they are checked when the host starts.</param>
    public static IUnstaleBuilder AddTarget(
        this IUnstaleBuilder builder, string name, Func<TargetInvalidation, CancellationToken, ValueTask> callback, Action<TargetOptions>? configure = null) =>
        builder.AddTarget(name, TargetAbilities.All, callback, configure);

    /// <summary>Tells a callback what it can be told; what it cannot becomes the next broader thing that it can.</summary>
    /// <inheritdoc cref="AddTarget(IUnstaleBuilder, string, Func{TargetInvalidation, CancellationToken, ValueTask}, Action{TargetOptions}?)"/>
    /// <param name="builder">The cache whose log is told.</param>
    /// <param name="name">The target's name in log lines and measurements.</param>
    /// <param name="abilities">What the callback can be told.</param>
    /// <param name="callback">Forgets what it is told; called for one record after the other, again when it throws.</param>
    /// <param name="configure">Changes the options; they are checked when the host starts.</param>
    public static IUnstaleBuilder AddTarget(
        this IUnstaleBuilder builder,
        string name,
        TargetAbilities abilities,
        Func<TargetInvalidation, CancellationToken, ValueTask> callback,
        Action<TargetOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var target = new CallbackTarget(abilities, callback);
        return builder.AddTarget(name, _ => target, configure);
    }

    /// <summary>Tells a target of your own.</summary>
    /// <param name="builder">The cache whose log is told.</param>
    /// <param name="name">The target's name in log lines and measurements.</param>
    /// <param name="find">Gives the target; called when the host starts, or when there is something to tell before.</param>
    /// <param name="configure">Changes the options; they are checked when the host starts.</param>
    public static IUnstaleBuilder AddTarget(
        this IUnstaleBuilder builder, string name, Func<IServiceProvider, ICacheTarget> find, Action<TargetOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(find);
        var services = builder.Services;
        var target = new TargetRegistration(builder.Name, name, find);
        if (services.Any(d => d.ImplementationInstance is TargetRegistration other && other.OptionsName == target.OptionsName))
            throw Errors.TargetTwice(name, builder.Name);
        services.AddSingleton(target);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TargetOptions>, TargetOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, TargetService>());
        var options = services.AddOptions<TargetOptions>(target.OptionsName).ValidateOnStart();
        if (configure is not null)
            options.Configure(configure);
        return builder;
    }

    /// <summary>
    /// Tells the <see cref="IMemoryCache"/> of the services. A <see cref="MemoryCache"/> can be told keys, patterns (of keys that are strings)
    /// and everything, and tags if the options know their keys; any other is told keys alone, and needs <see cref="TargetOptions.AcceptsPartial"/>.
    /// </summary>
    /// <param name="builder">The cache whose log is told.</param>
    /// <param name="map">How names of the log and keys of the memory cache belong together.</param>
    /// <param name="configure">Changes the options; they are checked when the host starts.</param>
    public static IUnstaleBuilder AddMemoryCacheTarget(
        this IUnstaleBuilder builder, Action<MemoryCacheTargetOptions>? map = null, Action<TargetOptions>? configure = null)
    {
        var options = new MemoryCacheTargetOptions();
        map?.Invoke(options);
        return builder.AddTarget("memory", services => new MemoryCacheTarget(services.GetRequiredService<IMemoryCache>(), options), configure);
    }

    /// <summary>
    /// Tells a <see cref="HybridCache"/> of another make: keys, tags, and everything by its tag <c>*</c>. Patterns become everything.
    /// </summary>
    /// <param name="builder">The cache whose log is told.</param>
    /// <param name="name">The target's name in log lines and measurements.</param>
    /// <param name="find">Gives the cache; called when the host starts, or when there is something to tell before.</param>
    /// <param name="configure">Changes the options; they are checked when the host starts.</param>
    public static IUnstaleBuilder AddHybridCacheTarget(
        this IUnstaleBuilder builder, string name, Func<IServiceProvider, HybridCache> find, Action<TargetOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(find);
        return builder.AddTarget(
            name,
            services => find(services) is { } cache and not UnstaleCache ? new HybridCacheTarget(cache) : throw Errors.TargetObeysALog(name, builder.Name),
            configure);
    }
}
