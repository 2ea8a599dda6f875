using MemoryPack;

namespace Unstale.MemoryPack;

/// <summary>All error messages of this assembly.</summary>
internal static class Errors
{
    public static MemoryPackSerializationException BytesLeft(Type type, long length, long read) =>
        new($"The stored bytes are not a value of type '{type}': MemoryPack read {read} of {length} bytes. Raise ContentVersion when the format of stored values changes.");
}
