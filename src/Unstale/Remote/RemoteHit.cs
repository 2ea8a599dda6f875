using Unstale.Log;

namespace Unstale.Remote;

/// <summary>A value of the second level that the server found nothing against.</summary>
/// <param name="Payload">The serialised value.</param>
/// <param name="Stamp">The sequence that the value itself is true as of.</param>
/// <param name="Tags">Its tags.</param>
/// <param name="Remaining">What is left of its life.</param>
/// <param name="Age">How long ago it was stored.</param>
/// <param name="Sequence">The newest record at the moment of the answer: the value is true as of it, if the listed records do not match.</param>
/// <param name="Broad">The patterns and all-ofs above the stamp that are not swept yet: the node matches them.</param>
public sealed record RemoteHit(
    ReadOnlyMemory<byte> Payload,
    long Stamp,
    IReadOnlyList<string> Tags,
    TimeSpan Remaining,
    TimeSpan Age,
    long Sequence,
    IReadOnlyList<InvalidationTarget> Broad)
{
    /// <summary>The <see cref="UnstaleOptions.ContentVersion"/> of the cache that stored it: one of another version does not take it.</summary>
    public long ContentVersion { get; init; }

    /// <summary>Stands for the type of the value and the serializer that wrote it: to any other type or serializer the value is a miss.</summary>
    public long Identity { get; init; }
}
