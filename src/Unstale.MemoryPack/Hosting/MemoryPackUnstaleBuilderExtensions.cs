using MemoryPack;
using Unstale.MemoryPack;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extension methods that serialize values with MemoryPack.</summary>
public static class MemoryPackUnstaleBuilderExtensions
{
    /// <summary>
    /// Serializes values with MemoryPack if their type has a contract (<c>[MemoryPackable]</c>), or is an array, a collection or a tuple of such types. All other
    /// types have the serializers that they had before. Applies to all caches of the service collection. The factory added last is tried first.
    /// </summary>
    /// <remarks>
    /// MemoryPack reads values of an earlier version of a type if members were only added at the end. For other changes of a type, use
    /// <c>GenerateType.VersionTolerant</c>, or raise <see cref="Unstale.UnstaleOptions.ContentVersion"/>.
    /// </remarks>
    /// <param name="builder">Builder of a cache.</param>
    /// <param name="options">Options of MemoryPack. Default: the default options, with strings as UTF-8.</param>
    public static IUnstaleBuilder AddMemoryPackSerializer(this IUnstaleBuilder builder, MemoryPackSerializerOptions? options = null) =>
        builder.AddSerializerFactory(new MemoryPackSerializerFactory(options ?? MemoryPackSerializerOptions.Default));
}
