namespace Unstale.Remote;

/// <summary>A value as it is stored in the second level.</summary>
/// <param name="Payload">The serialised value; valid until <see cref="Dispose"/>.</param>
/// <param name="Stamp">The sequence that the value itself is true as of.</param>
/// <param name="Tags">Its tags, and the marks of the keys that it was made from.</param>
/// <param name="Remaining">What is left of its life.</param>
/// <param name="Age">How long ago it was stored.</param>
public sealed record RemoteHit(ReadOnlyMemory<byte> Payload, long Stamp, IReadOnlyList<string> Tags, TimeSpan Remaining, TimeSpan Age) : IDisposable
{
    /// <summary>Owner of the memory of <see cref="Payload"/>; null if that is never given back. Default: null.</summary>
    public IDisposable? Owner { get; init; }

    /// <summary>
    /// The sequence that the server has confirmed the value as of, by the names in <see cref="Tags"/> and no others. Below the stamp: the value may be
    /// served only after the server has judged it. Default: zero.
    /// </summary>
    public long Confirmed { get; init; }

    /// <summary>The <see cref="UnstaleOptions.ContentVersion"/> of the cache that stored it: one of another version does not take it.</summary>
    public long ContentVersion { get; init; }

    /// <summary>Stands for the type of the value and the serializer that wrote it: to any other type or serializer the value is a miss.</summary>
    public long Identity { get; init; }

    /// <summary>Together with the stamp, tells this value from any other that was stored under its key.</summary>
    public long Mark { get; init; }

    /// <summary>Gives back the memory of <see cref="Payload"/>. Whatever else it holds stays valid.</summary>
    public void Dispose() => Owner?.Dispose();
}
