using System.Diagnostics.CodeAnalysis;
using MessagePack;
using MessagePack.Resolvers;
using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Remote;

namespace Unstale.MessagePack;

/// <summary>Creates serializers for the types with a MessagePack contract, and for the types that only the resolver of the given options can write.</summary>
internal sealed class MessagePackSerializerFactory(MessagePackSerializerOptions options) : IHybridCacheSerializerFactory
{
    public bool TryCreateSerializer<T>([NotNullWhen(true)] out IHybridCacheSerializer<T>? serializer)
    {
        serializer = ContractTypes.Include(typeof(T), HasContract, CanWrite) ? new MessagePackValueSerializer<T>(options) : null;
        return serializer is not null;
    }

    private bool HasContract(Type type) =>
        HasAttribute(type) || (StandardResolver.Instance.GetFormatterDynamic(type) is null && options.Resolver.GetFormatterDynamic(type) is not null);

    // MessagePack writes an object without its type, so another type is read back.
    private bool CanWrite(Type type) =>
        HasAttribute(type) || (type != typeof(object) && options.Resolver.GetFormatterDynamic(type) is not null);

    private static bool HasAttribute(Type type) =>
        type.IsDefined(typeof(MessagePackObjectAttribute), inherit: true)
        || type.IsDefined(typeof(UnionAttribute), inherit: false)
        || type.IsDefined(typeof(MessagePackFormatterAttribute), inherit: false);
}
