namespace Unstale.Redis.Connection;

/// <summary>Failures of a call that close the connection.</summary>
internal enum ClosedBy
{
    /// <summary>None: any server of a cluster may execute the call, and a loss concerns no other call.</summary>
    Nothing,

    /// <summary>The client lost the connection to the server.</summary>
    Loss,

    /// <summary>The client lost the connection, or the outcome stays unknown: the call must not be executed late.</summary>
    UnknownOutcome,
}
