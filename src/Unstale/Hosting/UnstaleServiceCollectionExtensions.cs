using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Unstale;
using Unstale.Hosting;
using Unstale.Rules;
using Unstale.Values;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds coherent caches to a service collection.</summary>
public static class UnstaleServiceCollectionExtensions
{
    /// <summary>Adds the default cache: <see cref="UnstaleCache"/>, <see cref="HybridCache"/> and <see cref="IInvalidator"/> as singletons.</summary>
    /// <remarks>
    /// Replaces the <see cref="HybridCache"/> registered by Microsoft's <c>AddHybridCache</c>. Any other <see cref="HybridCache"/> prevents the start,
    /// unless <see cref="UnstaleOptions.AllowOtherHybridCache"/> is set. The log is opened when the host starts, or at the first use without a host.
    /// </remarks>
    /// <param name="services">Service collection of the application.</param>
    /// <param name="configure">Callback that changes the options. The options are validated when the host starts.</param>
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
    /// Adds a named cache: keyed services <see cref="UnstaleCache"/>, <see cref="HybridCache"/> and <see cref="IInvalidator"/>. Caches with the same
    /// <see cref="UnstaleOptions.Log"/> share invalidations and nothing else.
    /// </summary>
    /// <param name="services">Service collection of the application.</param>
    /// <param name="name">Name of the cache, and key of the services.</param>
    /// <param name="configure">Callback that changes the options. The options are validated when the host starts.</param>
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
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<InvalidationLogOptions>, LogOptionsValidator>());
        var options = services.AddOptions<UnstaleOptions>(name).ValidateOnStart();
        if (configure is not null)
            options.Configure(configure);
        services.TryAddKeyedSingleton(name, static (s, key) => s.GetRequiredService<CacheFactory>().Create((string)key!));
        services.TryAddKeyedSingleton<HybridCache>(name, static (s, key) => s.GetRequiredKeyedService<UnstaleCache>(key));
        services.TryAddKeyedSingleton(name, static (s, key) => s.GetRequiredKeyedService<UnstaleCache>(key).Invalidator);
        services.TryAddKeyedSingleton(name, static (s, key) => s.GetRequiredService<CacheFactory>().CreateRules((string)key!));
        return new Builder(services, name);
    }

    /// <summary>
    /// Adds a cache under a service key of any type. With a string, equal to <c>AddUnstale(name)</c>. Otherwise the name of the cache is the text of the key,
    /// which must differ from the names of other caches.
    /// </summary>
    /// <param name="services">Service collection of the application.</param>
    /// <param name="serviceKey">Key of the services <see cref="UnstaleCache"/>, <see cref="HybridCache"/> and <see cref="IInvalidator"/>.</param>
    /// <param name="configure">Callback that changes the options. The options are validated when the host starts.</param>
    /// <exception cref="ArgumentException">The text of the key is empty.</exception>
    public static IUnstaleBuilder AddKeyedUnstale(this IServiceCollection services, object serviceKey, Action<UnstaleOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(serviceKey);
        var builder = services.AddUnstale(serviceKey.ToString()!, configure);
        if (serviceKey is string)
            return builder;
        ReplaceMicrosofts(services, builder.Name, serviceKey);
        services.TryAddKeyedSingleton(serviceKey, (s, _) => s.GetRequiredKeyedService<UnstaleCache>(builder.Name));
        services.TryAddKeyedSingleton<HybridCache>(serviceKey, (s, _) => s.GetRequiredKeyedService<UnstaleCache>(builder.Name));
        services.TryAddKeyedSingleton(serviceKey, (s, _) => s.GetRequiredKeyedService<IInvalidator>(builder.Name));
        return builder;
    }

    /// <summary>
    /// Adds the default cache with options from a section of the configuration. The section may contain the options of logs, by name, in a section
    /// <c>Logs</c> (<c>Logs:default:StalenessBound</c>).
    /// </summary>
    /// <inheritdoc cref="AddUnstale(IServiceCollection, string, IConfigurationSection, Action{UnstaleOptions})" path="/remarks"/>
    /// <param name="services">Service collection of the application.</param>
    /// <param name="section">Section with the options.</param>
    /// <param name="configure">Callback that changes the options after the section is read. The options are validated when the host starts.</param>
    public static IUnstaleBuilder AddUnstale(this IServiceCollection services, IConfigurationSection section, Action<UnstaleOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(section);
        var logs = new ConfiguredLogs(section);
        services.AddSingleton<IConfigureOptions<InvalidationLogOptions>>(logs);
        return services.AddUnstale(BindThen(section, configure, mayHaveLogs: true));
    }

    /// <summary>Adds a named cache with options from a section of the configuration.</summary>
    /// <remarks>
    /// <para>Each option is set by its name. A time is a number of seconds (<c>300</c>, <c>0.5</c>) or <c>[d.]hh:mm:ss</c>. In <c>DataTypes</c>, each key is
    /// a data type, and each value is its expiration or a section with options of <see cref="UnstaleEntryOptions"/>. <c>KeyPrefixes</c> is a list of such
    /// sections, each with a <c>Prefix</c>, because a configuration key cannot contain a colon. A <c>Rules</c> section is also allowed. Any other key is
    /// rejected.</para>
    /// <para>The section is read once, when the host starts. A change requires a restart.</para>
    /// </remarks>
    /// <param name="services">Service collection of the application.</param>
    /// <param name="name">Name of the cache, and key of the services.</param>
    /// <param name="section">Section with the options.</param>
    /// <param name="configure">Callback that changes the options after the section is read. The options are validated when the host starts.</param>
    public static IUnstaleBuilder AddUnstale(
        this IServiceCollection services, string name, IConfigurationSection section, Action<UnstaleOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(section);
        return services.AddUnstale(name, BindThen(section, configure, mayHaveLogs: false));
    }

    /// <summary>Sets the options of the default log, which is the log of every cache that names no other.</summary>
    /// <inheritdoc cref="AddInvalidationLog(IServiceCollection, string, Action{InvalidationLogOptions})"/>
    public static IServiceCollection AddInvalidationLog(this IServiceCollection services, Action<InvalidationLogOptions> configure) =>
        services.AddInvalidationLog(CacheFactory.DefaultName, configure);

    /// <summary>
    /// Sets the options of a log, which apply to all caches whose <see cref="UnstaleOptions.Log"/> names the log. May be called before or after the
    /// caches are added, once for each log. A log without this call has the default options.
    /// </summary>
    /// <param name="services">Service collection of the application.</param>
    /// <param name="name">Name of the log.</param>
    /// <param name="configure">Callback that changes the options. The options are validated when the host starts.</param>
    /// <returns>The service collection.</returns>
    /// <exception cref="InvalidOperationException">The log was added before.</exception>
    public static IServiceCollection AddInvalidationLog(this IServiceCollection services, string name, Action<InvalidationLogOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(configure);
        var registration = new LogRegistration(name);
        if (services.Any(service => registration.Equals(service.ImplementationInstance)))
            throw Errors.LogAddedTwice(name);
        services.AddSingleton(registration);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<InvalidationLogOptions>, LogOptionsValidator>());
        services.AddOptions<InvalidationLogOptions>(name).Configure(configure).ValidateOnStart();
        return services;
    }

    /// <summary>Sets the options of a log from a section of the configuration. Each option is set by its name; any other key is rejected.</summary>
    /// <inheritdoc cref="AddInvalidationLog(IServiceCollection, string, Action{InvalidationLogOptions})"/>
    /// <param name="services">Service collection of the application.</param>
    /// <param name="name">Name of the log.</param>
    /// <param name="section">Section with the options. Read once, when the host starts.</param>
    /// <param name="configure">Callback that changes the options after the section is read. The options are validated when the host starts.</param>
    public static IServiceCollection AddInvalidationLog(
        this IServiceCollection services, string name, IConfigurationSection section, Action<InvalidationLogOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(section);
        return services.AddInvalidationLog(name, options =>
        {
            LogOptionsReader.Bind(section, options);
            configure?.Invoke(options);
        });
    }

    /// <summary>
    /// Removes the <c>AddHybridCache</c> registration under the same service and key, because an application cannot intend to use both caches there.
    /// </summary>
    private static void ReplaceMicrosofts(IServiceCollection services, string cache, object? key)
    {
        var replaced = services.Where(d => RegisteredServices.IsMicrosoftsHybridCache(d) && Equals(d.ServiceKey, key)).ToList();
        foreach (var descriptor in replaced)
            services.Remove(descriptor);
        if (replaced.Count > 0)
            services.AddSingleton(new ReplacedHybridCache(cache));
    }

    private static Action<UnstaleOptions> BindThen(IConfigurationSection section, Action<UnstaleOptions>? configure, bool mayHaveLogs) => options =>
    {
        OptionsReader.Bind(section, options, mayHaveLogs);
        configure?.Invoke(options);
    };

    private sealed record Builder(IServiceCollection Services, string Name) : IUnstaleBuilder;
}
