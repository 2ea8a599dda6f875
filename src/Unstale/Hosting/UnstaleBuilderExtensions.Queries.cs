using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Unstale;
using Unstale.Boundary;
using Unstale.Hosting;
using Unstale.Queries;
using Unstale.Telemetry;

namespace Microsoft.Extensions.DependencyInjection;

/// <content>Cached queries, and the events and commands that invalidate the queries. All services have the key of the cache; those of the default cache are also registered without a key.</content>
public static partial class UnstaleBuilderExtensions
{
    /// <summary>Adds a <see cref="QueryCache"/>, which caches the results of queries.</summary>
    /// <param name="builder">Builder of the cache.</param>
    /// <param name="configure">Callback that changes the options. The options are validated when the host starts.</param>
    public static IUnstaleBuilder AddQueryCache(this IUnstaleBuilder builder, Action<QueryCacheOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddInvalidator();
        if (configure is not null)
            builder.Services.Configure(builder.Name, configure);
        builder.AddKeyed(static (s, name) => new QueryCache(
            s.GetRequiredKeyedService<UnstaleCache>(name), s.GetRequiredKeyedService<QueryKeys>(name), OptionsOf<QueryCacheOptions>(s, name).Copy(), LoggerOf<QueryCache>(s)));
        return builder;
    }

    /// <summary>
    /// Maps events of a type to invalidations, including events of derived types and implementations of an interface. All maps that match an event
    /// contribute to one record. Pass events to <see cref="CompositeInvalidationStrategy"/>, or publish events with <c>AddDomainEvents</c>.
    /// </summary>
    /// <param name="builder">Builder of the cache.</param>
    /// <param name="map">Callback that adds the names invalidated by the event to the set.</param>
    public static IUnstaleBuilder InvalidateOn<TEvent>(this IUnstaleBuilder builder, Action<TEvent, InvalidationSet> map) =>
        builder.AddEventRule(EventInvalidationRule.For(map));

    /// <summary>Adds a rule for events.</summary>
    /// <param name="builder">Builder of the cache.</param>
    /// <param name="rule">Rule to add.</param>
    public static IUnstaleBuilder AddEventRule(this IUnstaleBuilder builder, EventInvalidationRule rule)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(rule);
        builder.AddStrategies().Services.AddKeyedSingleton(builder.Name, rule);
        return builder;
    }

    /// <summary>Adds a custom strategy class. Strategies run in order of registration, after the rules of <c>InvalidateOn</c>.</summary>
    /// <param name="builder">Builder of the cache.</param>
    public static IUnstaleBuilder AddInvalidationStrategy<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TStrategy>(this IUnstaleBuilder builder)
        where TStrategy : class, IInvalidationStrategy
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddStrategies();
        if (builder.Has<TStrategy>())
            return builder;
        builder.Services.AddKeyedSingleton(builder.Name, static (s, name) => CreateStrategy<TStrategy>(s, name!));
        builder.Services.AddKeyedSingleton<IInvalidationStrategy>(builder.Name, static (s, name) => s.GetRequiredKeyedService<TStrategy>(name));
        return builder;
    }

    /// <summary>Adds <see cref="IDomainEvents"/>, which passes published events to all strategies of the cache.</summary>
    /// <param name="builder">Builder of the cache.</param>
    /// <param name="configure">Callback that changes the options. The options are validated when the host starts.</param>
    public static IUnstaleBuilder AddDomainEvents(this IUnstaleBuilder builder, Action<DomainEventOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var (services, name) = (builder.AddStrategies().Services, builder.Name);
        if (configure is not null)
            services.Configure(name, configure);
        if (builder.Has<DomainEvents>())
            return builder;
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<DomainEventOptions>, DomainEventOptionsValidator>());
        services.AddOptions<DomainEventOptions>(name).ValidateOnStart();
        services.AddKeyedSingleton(name, static (s, cache) => CreateEvents(s, (string)cache!));
        builder.AddKeyed<IDomainEvents>(static (s, cache) => s.GetRequiredKeyedService<DomainEvents>(cache));
        services.AddSingleton<IHostedService>(s => new DomainEventsService(s.GetRequiredKeyedService<DomainEvents>(name)));
        return builder;
    }

    /// <summary>Adds <see cref="CommandInvalidation"/>, which invalidates after successful commands.</summary>
    /// <param name="builder">Builder of the cache.</param>
    /// <param name="configure">Callback that maps commands to invalidations. Several calls are cumulative.</param>
    public static IUnstaleBuilder AddCommandInvalidation(this IUnstaleBuilder builder, Action<CommandInvalidationOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        builder.AddInvalidator().Services.Configure(builder.Name, configure);
        builder.AddKeyed(static (s, name) => new CommandInvalidation(s.GetRequiredKeyedService<QueryInvalidator>(name), OptionsOf<CommandInvalidationOptions>(s, name)));
        return builder;
    }

    private static IUnstaleBuilder AddInvalidator(this IUnstaleBuilder builder)
    {
        var (services, name) = (builder.Services, builder.Name);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<QueryCacheOptions>, QueryCacheOptionsValidator>());
        services.AddOptions<QueryCacheOptions>(name).ValidateOnStart();
        services.TryAddKeyedSingleton(name, static (s, cache) => new QueryKeys(OptionsOf<QueryCacheOptions>(s, cache!).Copy()));
        builder.AddKeyed(static (s, cache) => new QueryInvalidator(
            (string)cache,
            s.GetRequiredKeyedService<IInvalidator>(cache),
            s.GetRequiredKeyedService<QueryKeys>(cache),
            new MessageMetrics(s.GetService<IMeterFactory>(), (string)cache),
            LoggerOf<QueryInvalidator>(s),
            GuardedTime.Over(s.GetRequiredService<TimeProvider>())));
        return builder;
    }

    private static IUnstaleBuilder AddStrategies(this IUnstaleBuilder builder)
    {
        builder.AddInvalidator();
        builder.AddKeyed(static (s, name) => new CompositeInvalidationStrategy(
            [new AddedRules(s.GetRequiredKeyedService<QueryInvalidator>(name), s.GetKeyedServices<EventInvalidationRule>(name)), .. s.GetKeyedServices<IInvalidationStrategy>(name)]));
        return builder;
    }

    /// <summary>Adds a service under the name of the cache, and also without a key for the default cache.</summary>
    private static void AddKeyed<T>(this IUnstaleBuilder builder, Func<IServiceProvider, object, T> make)
        where T : class
    {
        builder.Services.TryAddKeyedSingleton(builder.Name, (s, name) => make(s, name!));
        if (builder.Name == CacheFactory.DefaultName)
            builder.Services.TryAddSingleton(static s => s.GetRequiredKeyedService<T>(CacheFactory.DefaultName));
    }

    private static bool Has<T>(this IUnstaleBuilder builder) =>
        builder.Services.Any(d => d.ServiceType == typeof(T) && Equals(d.ServiceKey, builder.Name));

    private static TStrategy CreateStrategy<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TStrategy>(IServiceProvider services, object name)
        where TStrategy : class
    {
        var wants = Array.Exists(typeof(TStrategy).GetConstructors(), static made => Array.Exists(made.GetParameters(), static p => p.ParameterType == typeof(QueryInvalidator)));
        return wants
            ? ActivatorUtilities.CreateInstance<TStrategy>(services, services.GetRequiredKeyedService<QueryInvalidator>(name))
            : ActivatorUtilities.CreateInstance<TStrategy>(services);
    }

    private static DomainEvents CreateEvents(IServiceProvider services, string cache)
    {
        // The cache is created first and therefore disposed last, so the log still accepts records raised by the last events.
        var strategy = services.GetRequiredKeyedService<CompositeInvalidationStrategy>(cache);
        var invalidator = services.GetRequiredKeyedService<QueryInvalidator>(cache);
        var events = new DomainEvents(
            cache, OptionsOf<DomainEventOptions>(services, cache), LoggerOf<DomainEvents>(services), GuardedTime.Over(services.GetRequiredService<TimeProvider>()), services.GetService<IMeterFactory>());
        events.SubscribeAll(
            async (e, token) => await strategy.InvalidateAsync(e, token).ConfigureAwait(false),
            async token => await invalidator.InvalidateAllQueriesAsync("events lost", token).ConfigureAwait(false));
        return events;
    }

    private static T OptionsOf<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(IServiceProvider services, object name)
        where T : class => services.GetRequiredService<IOptionsMonitor<T>>().Get((string)name);

    private static GuardedLogger LoggerOf<T>(IServiceProvider services) => GuardedLogger.For<T>(services);
}
