namespace Unstale.Remote;

/// <summary>Request to the server for a value, for the lease of its key, or for either.</summary>
/// <param name="Kind">Contents permitted in the reply.</param>
/// <param name="LeaseLife">Lifetime of the lease, if one is granted. Default: zero, for requests without a lease.</param>
/// <param name="Except">Stored value that the caller does not use, such as one of another content version; counts as absent. Default: none.</param>
internal readonly record struct RemoteRequest(RemoteRequestKind Kind, TimeSpan LeaseLife = default, RemoteHit? Except = null);

/// <summary>Contents permitted in the reply to a <see cref="RemoteRequest"/>.</summary>
internal enum RemoteRequestKind
{
    /// <summary>The value, unless invalidated. Never grants a lease.</summary>
    Value,

    /// <summary>The value, unless invalidated; otherwise the lease, unless already held.</summary>
    ValueOrLease,

    /// <summary>The lease, unless already held. No value is looked up.</summary>
    Lease,
}
