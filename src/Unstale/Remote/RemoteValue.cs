namespace Unstale.Remote;

/// <summary>Value to be stored in the second level.</summary>
/// <param name="Payload">Serialised value.</param>
/// <param name="Stamp">Sequence as of which the value is true; for a set, the sequence at the call.</param>
/// <param name="Tags">Tags of the value.</param>
/// <param name="Expiration">Remaining lifetime, as a duration: clocks are never compared.</param>
/// <param name="Compress">Whether the second level may compress the value. Default: true.</param>
internal sealed record RemoteValue(
    ReadOnlyMemory<byte> Payload, long Stamp, IReadOnlyList<string> Tags, TimeSpan Expiration, bool Compress = true)
{
    /// <summary>Version of the source from which the value was made; 0 if unknown.</summary>
    public long Version { get; init; }

    /// <summary><see cref="UnstaleOptions.ContentVersion"/> of the cache that stores the value.</summary>
    public int ContentVersion { get; init; }

    /// <summary>Number that identifies the type and the serializer of the value. For any other type or serializer, the value is a miss.</summary>
    public long Identity { get; init; }
}
