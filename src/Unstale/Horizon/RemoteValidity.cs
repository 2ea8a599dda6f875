namespace Unstale.Horizon;

/// <summary>Judgement of a node on a value of the second level.</summary>
internal enum RemoteValidity
{
    /// <summary>The value must not be used.</summary>
    Invalid,

    /// <summary>The value may be used if a tail started after the reply is confirmed over the same connection.</summary>
    NeedsConfirmation,

    /// <summary>The value may be used.</summary>
    Valid,
}
