using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using MemoryPack;
using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Remote;

namespace Unstale.MemoryPack;

/// <summary>Creates serializers for the types with a MemoryPack contract.</summary>
internal sealed class MemoryPackSerializerFactory(MemoryPackSerializerOptions options) : IHybridCacheSerializerFactory
{
    public bool TryCreateSerializer<T>([NotNullWhen(true)] out IHybridCacheSerializer<T>? serializer)
    {
        serializer = ContractTypes.Include(typeof(T), HasContract, CanWrite) ? new MemoryPackValueSerializer<T>(options) : null;
        return serializer is not null;
    }

    // A union has the attribute too.
    private static bool HasContract(Type type) => type.IsDefined(typeof(MemoryPackableAttribute), inherit: false);

    /// <summary>Tries to write an empty value: MemoryPack reports a missing formatter only when a value is written.</summary>
    private bool CanWrite(Type type)
    {
        try
        {
            MemoryPackSerializer.Serialize(type, type.IsValueType ? RuntimeHelpers.GetUninitializedObject(type) : null, options);
            return true;
        }
        catch (MemoryPackSerializationException)
        {
            return false;
        }
    }
}
