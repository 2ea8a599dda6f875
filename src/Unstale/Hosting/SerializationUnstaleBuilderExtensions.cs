using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.Extensions.Caching.Hybrid;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Registers serializers, with the same calls as on the builder of <c>AddHybridCache</c>. A serializer applies to all caches of the service collection.
/// Values of types that callers may not share, and all values of the second level, are serialized.
/// </summary>
public static class SerializationUnstaleBuilderExtensions
{
    /// <summary>Serializes values of a type with the given serializer.</summary>
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
    /// Adds a factory of serializers for several types. The factory added last is asked first. A serializer registered for a type takes precedence over
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
    /// <see cref="Unstale.UnstaleOptions.ContentVersion"/> together with the options.
    /// </summary>
    /// <param name="builder">Builder of a cache.</param>
    /// <param name="options">JSON options. A value that JSON would read back as another value is returned to the caller and not stored.</param>
    public static IUnstaleBuilder WithJsonSerializerOptions(this IUnstaleBuilder builder, JsonSerializerOptions options) => builder.WithJson(typeof(IHybridCacheSerializer<>), options);

    /// <summary>Sets the JSON options for a type, which take precedence over the options for all types.</summary>
    /// <inheritdoc cref="WithJsonSerializerOptions(IUnstaleBuilder, JsonSerializerOptions)"/>
    /// <typeparam name="T">Type of the values.</typeparam>
    public static IUnstaleBuilder WithJsonSerializerOptions<T>(this IUnstaleBuilder builder, JsonSerializerOptions options) => builder.WithJson(typeof(IHybridCacheSerializer<T>), options);

    private static IUnstaleBuilder WithJson(this IUnstaleBuilder builder, Type key, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(options);
        builder.Services.AddKeyedSingleton<JsonSerializerOptions>((object)key, options);
        return builder;
    }
}
