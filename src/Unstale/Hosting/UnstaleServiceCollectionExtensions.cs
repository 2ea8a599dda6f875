using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Unstale;
using Unstale.Hosting;
using Unstale.Rules;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds caches that are kept true.</summary>
public static class UnstaleServiceCollectionExtensions
{
    /// <summary>
    /// Adds the default cache: <see cref="UnstaleCache"/>, <see cref="HybridCache"/> and <see cref="IInvalidator"/> as singletons.
    /// </summary>
    /// <remarks>
    /// Replaces the <see cref="HybridCache"/> of Microsoft's <c>AddHybridCache</c>. Any other one refuses the start, unless
    /// <see cref="UnstaleOptions.AllowOtherHybridCache"/> is set. The log is opened when the host starts, or with the first use where there is no host.
    /// </remarks>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes the options; they are checked when the host starts.</param>
    public static IUnstaleBuilder AddUnstale(this IServiceCollection services, Action<UnstaleOptions>? configure = null)
    {
        var builder = services.AddUnstale(CacheFactory.DefaultName, configure);
        ReplaceMicrosofts(services, CacheFactory.DefaultName, key: null);
        services.TryAddSingleton(static s => s.GetRequiredKeyedService<UnstaleCache>(CacheFactory.DefaultName));
        services.TryAddSingleton<HybridCache>(static s => s.GetRequiredService<UnstaleCache>());
        services.TryAddSingleton(static s => s.GetRequiredService<UnstaleCache>().Invalidator);
        services.TryAddSingleton(static s => s.GetRequiredKeyedService<InvalidationRules>(CacheFactory.DefaultName));
        return builder;
    }

    /// <summary>
    /// Adds a cache of its own name: keyed services <see cref="UnstaleCache"/>, <see cref="HybridCache"/> and
    /// <see cref="IInvalidator"/>. Caches with the same <see cref="UnstaleOptions.Log"/> share invalidations and nothing else.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The name, and the key of the services.</param>
    /// <param name="configure">Changes the options; they are checked when the host starts.</param>
    public static IUnstaleBuilder AddUnstale(this IServiceCollection services, string name, Action<UnstaleOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<LogNodes>();
        services.TryAddSingleton<CacheFactory>();
        services.TryAddSingleton<RegistrationReview>();
        RegisteredServices.AddTo(services);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, CachesAtStart>());
        services.AddSingleton(new CacheRegistration(name, configure));
        ReplaceMicrosofts(services, name, key: name);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<UnstaleOptions>, OptionsValidator>());
        var options = services.AddOptions<UnstaleOptions>(name).ValidateOnStart();
        if (configure is not null)
            options.Configure(configure);
        services.TryAddKeyedSingleton(name, static (s, key) => s.GetRequiredService<CacheFactory>().Create((string)key!));
        services.TryAddKeyedSingleton<HybridCache>(name, static (s, key) => s.GetRequiredKeyedService<UnstaleCache>(key));
        services.TryAddKeyedSingleton(name, static (s, key) => s.GetRequiredKeyedService<UnstaleCache>(key).Invalidator);
        services.TryAddKeyedSingleton(name, static (s, key) => s.GetRequiredService<CacheFactory>().CreateRules((string)key!));
        return new Builder(services, name);
    }

    /// <summary>Adds the default cache with options from a section of the configuration.</summary>
    /// <inheritdoc cref="AddUnstale(IServiceCollection, string, IConfigurationSection, Action{UnstaleOptions})" path="/remarks"/>
    /// <param name="services">The services.</param>
    /// <param name="section">The section.</param>
    /// <param name="configure">Changes the options further; they are checked when the host starts.</param>
    public static IUnstaleBuilder AddUnstale(this IServiceCollection services, IConfigurationSection section, Action<UnstaleOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(section);
        return services.AddUnstale(Reading(section, configure));
    }

    /// <summary>Adds a cache of its own name with options from a section of the configuration.</summary>
    /// <remarks>
    /// <para>Each option goes by its name. A time is a number of seconds (<c>300</c>, <c>0.5</c>) or <c>[d.]hh:mm:ss</c>. <c>DataTypes</c> has a data type as each
    /// key and its expiration, or a section with options of <see cref="UnstaleEntryOptions"/>, as value. <c>KeyPrefixes</c> is a list of such sections with a
    /// <c>Prefix</c>, for the configuration does not take a colon in a key. <c>Rules</c> may stand beside them; other keys are refused.</para>
    /// <para>It is read once, when the host starts: a change takes a restart.</para>
    /// </remarks>
    /// <param name="services">The services.</param>
    /// <param name="name">The name, and the key of the services.</param>
    /// <param name="section">The section.</param>
    /// <param name="configure">Changes the options further; they are checked when the host starts.</param>
    public static IUnstaleBuilder AddUnstale(
        this IServiceCollection services, string name, IConfigurationSection section, Action<UnstaleOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(section);
        return services.AddUnstale(name, Reading(section, configure));
    }

    /// <summary>Removes the cache that <c>AddHybridCache</c> has registered where this one goes. Nobody can mean to have both under one service.</summary>
    private static void ReplaceMicrosofts(IServiceCollection services, string cache, object? key)
    {
        var replaced = services.Where(d => RegisteredServices.IsMicrosoftsHybridCache(d) && Equals(d.ServiceKey, key)).ToList();
        foreach (var descriptor in replaced)
            services.Remove(descriptor);
        if (replaced.Count > 0)
            services.AddSingleton(new ReplacedHybridCache(cache));
    }

    private static Action<UnstaleOptions> Reading(IConfigurationSection section, Action<UnstaleOptions>? configure) => options =>
    {
        OptionsReader.Read(section, options);
        configure?.Invoke(options);
    };

    private sealed record Builder(IServiceCollection Services, string Name) : IUnstaleBuilder;
}
