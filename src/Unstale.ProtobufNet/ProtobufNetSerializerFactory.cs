using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Caching.Hybrid;
using ProtoBuf;
using ProtoBuf.Meta;
using Unstale.Remote;

namespace Unstale.ProtobufNet;

/// <summary>Creates serializers for the types with a protobuf-net contract: an attribute, or an entry in the model of the application.</summary>
/// <param name="model">Model that writes and reads the values.</param>
/// <param name="added">
/// Types that the application has added to the model. Types that the model adds by itself are no contract: the model accepts types without numbered members, and
/// writes nothing of such types.
/// </param>
internal sealed class ProtobufNetSerializerFactory(TypeModel model, IReadOnlySet<Type> added) : IHybridCacheSerializerFactory
{
    public bool TryCreateSerializer<T>([NotNullWhen(true)] out IHybridCacheSerializer<T>? serializer)
    {
        serializer = ContractTypes.Include(typeof(T), HasContract, model.CanSerialize) ? new ProtobufNetValueSerializer<T>(model) : null;
        return serializer is not null;
    }

    private bool HasContract(Type type) => type.IsDefined(typeof(ProtoContractAttribute), inherit: false) || added.Contains(type);
}
