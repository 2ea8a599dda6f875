using Unstale.Log;

namespace Unstale.Remote;

/// <summary>Reply of the server: a value, a lease, or neither. Neither means that another caller holds the lease, or that no lease was requested.</summary>
/// <param name="Hit">Value; null if there is none that may be served.</param>
/// <param name="Lease">Lease of the key; null if not granted.</param>
/// <param name="Sequence">Sequence of the newest record at the time of the reply. The value is true as of this record if no listed selector matches.</param>
/// <param name="Selectors">Selectors above the value's stamp which are not swept yet. The node must match these selectors.</param>
internal readonly record struct RemoteReply(RemoteHit? Hit, RemoteLease? Lease, long Sequence, IReadOnlyList<InvalidationTarget> Selectors)
{
    /// <summary>Reply with neither a value nor a lease.</summary>
    public static RemoteReply Neither { get; } = new(null, null, 0, []);
}
