namespace Unstale.Remote;

/// <summary>Value as stored in the second level.</summary>
/// <param name="Payload">Serialised value; valid until <see cref="Dispose"/>.</param>
/// <param name="Stamp">Sequence as of which the value itself is true.</param>
/// <param name="Tags">Tags of the value, and marks of the keys used to make the value.</param>
/// <param name="Remaining">Remaining lifetime.</param>
/// <param name="Age">Time since the value was stored.</param>
internal sealed record RemoteHit(ReadOnlyMemory<byte> Payload, long Stamp, IReadOnlyList<string> Tags, TimeSpan Remaining, TimeSpan Age) : IDisposable
{
    /// <summary>Owner of the memory of <see cref="Payload"/>; null if the memory is never released. Default: null.</summary>
    public IDisposable? Owner { get; init; }

    /// <summary>
    /// Sequence as of which the server has confirmed the value, by the names in <see cref="Tags"/> only. If below the stamp, the value may be served
    /// only after a judgement by the server. Default: zero.
    /// </summary>
    public long Confirmed { get; init; }

    /// <summary><see cref="UnstaleOptions.ContentVersion"/> of the cache that stored the value. A cache with another version does not use the value.</summary>
    public long ContentVersion { get; init; }

    /// <summary>Number that identifies the type and the serializer of the value. For any other type or serializer, the value is a miss.</summary>
    public long Identity { get; init; }

    /// <summary>Number that, together with the stamp, distinguishes this value from any other stored under its key.</summary>
    public long Mark { get; init; }

    /// <summary>Releases the memory of <see cref="Payload"/>. All other members stay valid.</summary>
    public void Dispose() => Owner?.Dispose();
}
