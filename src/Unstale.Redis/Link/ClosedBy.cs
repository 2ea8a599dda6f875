namespace Unstale.Redis.Link;

/// <summary>Failures of a call that close its connection.</summary>
internal enum ClosedBy
{
    /// <summary>None: any server of a cluster may execute the call, and its loss concerns no other call.</summary>
    Nothing,

    /// <summary>The client lost its connection to the server.</summary>
    Loss,

    /// <summary>The same, and any outcome that stays unknown: the call must not be executed late.</summary>
    UnknownOutcome,
}
