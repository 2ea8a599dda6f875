namespace Unstale.Remote;

/// <summary>Request to the server for a value, for the right to fill its key, or for whichever there is.</summary>
/// <param name="Kind">What the server may answer with.</param>
/// <param name="LeaseLife">Life of the lease, if one is granted. Default: zero, for requests that take none.</param>
/// <param name="Except">A stored value that the caller does not take, such as one of another content version: it counts as absent. Default: none.</param>
public readonly record struct RemoteRequest(RemoteRequestKind Kind, TimeSpan LeaseLife = default, RemoteHit? Except = null);

/// <summary>What a server may answer a <see cref="RemoteRequest"/> with.</summary>
public enum RemoteRequestKind
{
    /// <summary>The value, if nothing speaks against it. Takes no lease.</summary>
    Value,

    /// <summary>The value, if nothing speaks against it; otherwise the lease, if nobody holds it.</summary>
    ValueOrLease,

    /// <summary>The lease, if nobody holds it. Looks for no value.</summary>
    Lease,
}
