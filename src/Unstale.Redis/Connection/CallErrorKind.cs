namespace Unstale.Redis.Connection;

/// <summary>Kinds of error replies, by their meaning for the caller.</summary>
internal enum CallErrorKind
{
    /// <summary>Any other error, which needs no reaction of its own. The message has the details.</summary>
    Other,

    /// <summary>WRONGPASS: the user is unknown or disabled, or the password is wrong.</summary>
    WrongPassword,

    /// <summary>NOAUTH: the server requires a password and none was given.</summary>
    NotAuthenticated,

    /// <summary>NOPERM: the user may not run the command, touch the key or use the channel.</summary>
    NoPermission,

    /// <summary>LOADING: the server is loading its data from disk.</summary>
    Loading,

    /// <summary>READONLY: the server is a replica.</summary>
    ReadOnly,

    /// <summary>OOM: the memory limit of the server is reached and nothing may be evicted.</summary>
    OutOfMemory,

    /// <summary>BUSY: a script has been running for too long.</summary>
    Busy,

    /// <summary>NOREPLICAS: too few replicas are attached for a write.</summary>
    NoReplicas,

    /// <summary>MOVED, ASK or CROSSSLOT: the server is a node of a Cluster and the key belongs to another node.</summary>
    Moved,

    /// <summary>NOSCRIPT: the server does not have the script.</summary>
    NoScript,

    /// <summary>WRONGTYPE: the key holds another kind of value.</summary>
    WrongType,

    /// <summary>MISCONF: the server cannot persist and refuses writes.</summary>
    CannotPersist,

    /// <summary>CLUSTERDOWN, MASTERDOWN or TRYAGAIN: the server cannot execute the call at the moment.</summary>
    Unavailable,
}
