using Unstale.Log;

namespace Unstale.Remote;

/// <summary>Answer of the server: a value, a lease, or neither. Neither means that another holds the lease, or that none was asked for.</summary>
/// <param name="Hit">The value; null if there is none that may be served.</param>
/// <param name="Lease">The right to fill the key; null if it was not granted.</param>
/// <param name="Sequence">The newest record at the moment of the answer: the value is true as of it, if the listed records do not match.</param>
/// <param name="Broad">The patterns and all-ofs above the value's stamp that are not swept yet: the node matches them.</param>
public readonly record struct RemoteReply(RemoteHit? Hit, RemoteLease? Lease, long Sequence, IReadOnlyList<InvalidationTarget> Broad)
{
    /// <summary>Neither a value nor a lease.</summary>
    public static RemoteReply Neither { get; } = new(null, null, 0, []);
}
