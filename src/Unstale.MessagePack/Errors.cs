using MessagePack;

namespace Unstale.MessagePack;

/// <summary>All error messages of this assembly.</summary>
internal static class Errors
{
    public static MessagePackSerializationException BytesLeft(Type type, long length, long read) =>
        new($"The stored bytes are not a value of type '{type}': MessagePack read {read} of {length} bytes. Raise ContentVersion when the format of stored values changes.");
}
