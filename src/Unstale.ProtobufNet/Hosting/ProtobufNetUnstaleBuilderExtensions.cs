using ProtoBuf.Meta;
using Unstale.ProtobufNet;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extension methods that serialize values with protobuf-net.</summary>
public static class ProtobufNetUnstaleBuilderExtensions
{
    /// <summary>
    /// Serializes values with protobuf-net if their type has a contract (<c>[ProtoContract]</c>, or an entry in the given model), or is an array, a collection or a
    /// tuple of such types that protobuf-net can write. All other types, nested lists included, have the serializers that they had before. Applies to all caches of
    /// the service collection. The factory added last is tried first.
    /// </summary>
    /// <remarks>
    /// Members may be added to a type: protobuf-net reads values of earlier and later versions. Protocol Buffers do not distinguish an empty list in a member from
    /// null: initialize such members in the type.
    /// </remarks>
    /// <param name="builder">Builder of a cache.</param>
    /// <param name="model">Model of the application, complete at this call. Default: <see cref="RuntimeTypeModel.Default"/>, and types with an attribute only.</param>
    public static IUnstaleBuilder AddProtobufNetSerializer(this IUnstaleBuilder builder, RuntimeTypeModel? model = null) =>
        builder.AddSerializerFactory(new ProtobufNetSerializerFactory(
            model ?? RuntimeTypeModel.Default,
            (model?.GetTypes().Cast<MetaType>() ?? []).Select(static type => type.Type).ToHashSet()));
}
