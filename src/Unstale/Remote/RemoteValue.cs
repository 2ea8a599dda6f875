namespace Unstale.Remote;

/// <summary>A value on its way into the second level.</summary>
/// <param name="Payload">The serialised value.</param>
/// <param name="Stamp">The sequence that the value is true as of; for a set, the one at the call.</param>
/// <param name="Tags">Its tags.</param>
/// <param name="Expiration">What is left of its life, as a duration: clocks are never compared.</param>
/// <param name="Compress">Whether the second level may compress it.</param>
public sealed record RemoteValue(
    ReadOnlyMemory<byte> Payload, long Stamp, IReadOnlyList<string> Tags, TimeSpan Expiration, bool Compress = true)
{
    /// <summary>The version of the source that it was made from; 0 if that is not known.</summary>
    public long Version { get; init; }

    /// <summary>The <see cref="UnstaleOptions.ContentVersion"/> of the cache that stores it.</summary>
    public int ContentVersion { get; init; }

    /// <summary>Stands for the type of the value and the serializer that wrote it: to any other type or serializer the value is a miss.</summary>
    public long Identity { get; init; }
}
