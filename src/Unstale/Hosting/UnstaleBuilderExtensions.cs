using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Unstale;
using Unstale.Distributed;
using Unstale.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Adds serializers, <see cref="IDistributedCache"/>, rules, cached queries and sinks to a cache. Serializers apply to all caches of the service collection.
/// </summary>
public static partial class UnstaleBuilderExtensions
{
    /// <summary>
    /// Serializes values of a type with the given serializer. Values of types that callers may not share, and all values of the second level, are serialized.
    /// </summary>
    /// <typeparam name="T">Type of the values.</typeparam>
    /// <param name="builder">Builder of a cache.</param>
    /// <param name="serializer">Serializer, called by several threads at once. An exception means that the value is not stored or not read.</param>
    public static IUnstaleBuilder AddSerializer<T>(this IUnstaleBuilder builder, IHybridCacheSerializer<T> serializer)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(serializer);
        builder.Services.AddSingleton(serializer);
        return builder;
    }

    /// <summary>Serializes values of a type with a serializer that the container creates.</summary>
    /// <typeparam name="T">Type of the values.</typeparam>
    /// <typeparam name="TSerializer">Type of the serializer, created once.</typeparam>
    /// <param name="builder">Builder of a cache.</param>
    public static IUnstaleBuilder AddSerializer<T, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TSerializer>(this IUnstaleBuilder builder)
        where TSerializer : class, IHybridCacheSerializer<T>
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<IHybridCacheSerializer<T>, TSerializer>();
        return builder;
    }

    /// <summary>
    /// Adds a factory of serializers for several types. The factory added last is tried first. A serializer registered for a type takes precedence over
    /// all factories.
    /// </summary>
    /// <param name="builder">Builder of a cache.</param>
    /// <param name="factory">Factory, called once for each type.</param>
    public static IUnstaleBuilder AddSerializerFactory(this IUnstaleBuilder builder, IHybridCacheSerializerFactory factory)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(factory);
        builder.Services.AddSingleton(factory);
        return builder;
    }

    /// <summary>Adds a factory of serializers that the container creates.</summary>
    /// <inheritdoc cref="AddSerializerFactory(IUnstaleBuilder, IHybridCacheSerializerFactory)"/>
    /// <typeparam name="TFactory">Type of the factory, created once.</typeparam>
    public static IUnstaleBuilder AddSerializerFactory<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TFactory>(this IUnstaleBuilder builder)
        where TFactory : class, IHybridCacheSerializerFactory
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<IHybridCacheSerializerFactory, TFactory>();
        return builder;
    }

    /// <summary>
    /// Sets the JSON options for all types without a serializer of their own. Values written with other options may be read with other content: change
    /// <see cref="UnstaleOptions.ContentVersion"/> together with the options.
    /// </summary>
    /// <param name="builder">Builder of a cache.</param>
    /// <param name="options">JSON options. A value that JSON would read back as another value is returned to the caller and not stored.</param>
    public static IUnstaleBuilder WithJsonSerializerOptions(this IUnstaleBuilder builder, JsonSerializerOptions options) => builder.WithJson(typeof(IHybridCacheSerializer<>), options);

    /// <summary>Sets the JSON options for a type, which take precedence over the options for all types.</summary>
    /// <inheritdoc cref="WithJsonSerializerOptions(IUnstaleBuilder, JsonSerializerOptions)"/>
    /// <typeparam name="T">Type of the values.</typeparam>
    public static IUnstaleBuilder WithJsonSerializerOptions<T>(this IUnstaleBuilder builder, JsonSerializerOptions options) => builder.WithJson(typeof(IHybridCacheSerializer<T>), options);

    /// <summary>
    /// Adds <see cref="IDistributedCache"/> and <see cref="IBufferDistributedCache"/> over this cache, for sessions, token stores and idempotency filters. A service of this
    /// type that was added before is no longer used. For a named cache, the services have the key of the cache.
    /// </summary>
    /// <remarks>
    /// <para>
    /// Keys are those of the cache, so an invalidation of a key removes the value. A set or a removal is in effect on all nodes, like that of the cache. Operations ignore
    /// the scopes and transactions of the caller. Synchronous methods block while they wait for the second level.
    /// </para>
    /// <para>
    /// A value with a sliding expiration expires between one and one and a quarter times this period after the last read: a read renews the lifetime only once in a quarter of the period.
    /// A renewal never replaces a newer value. Values count towards <see cref="UnstaleOptions.MaximumEntries"/>: without a second level, a value may be
    /// evicted before it expires. A value larger than <see cref="UnstaleOptions.MaximumPayloadBytes"/> is not stored.
    /// </para>
    /// </remarks>
    /// <param name="builder">Builder of a cache.</param>
    public static IUnstaleBuilder AddDistributedCache(this IUnstaleBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var (services, name) = (builder.Services, builder.Name);
        services.TryAddSingleton<IHybridCacheSerializer<ExpiringBytes>, ExpiringBytesSerializer>();
        services.AddKeyedSingleton(name, static (s, key) => new DistributedCache(s.GetRequiredKeyedService<UnstaleCache>(key), s.GetRequiredService<TimeProvider>()));
        services.AddKeyedSingleton<IDistributedCache>(name, static (s, key) => s.GetRequiredKeyedService<DistributedCache>(key));
        services.AddKeyedSingleton<IBufferDistributedCache>(name, static (s, key) => s.GetRequiredKeyedService<DistributedCache>(key));
        if (!string.Equals(name, CacheFactory.DefaultName, StringComparison.Ordinal))
            return builder;
        services.AddSingleton<IDistributedCache>(static s => s.GetRequiredKeyedService<DistributedCache>(CacheFactory.DefaultName));
        services.AddSingleton<IBufferDistributedCache>(static s => s.GetRequiredKeyedService<DistributedCache>(CacheFactory.DefaultName));
        return builder;
    }

    private static IUnstaleBuilder WithJson(this IUnstaleBuilder builder, Type key, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(options);
        builder.Services.AddKeyedSingleton<JsonSerializerOptions>((object)key, options);
        return builder;
    }
}
