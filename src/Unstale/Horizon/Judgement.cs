namespace Unstale.Horizon;

/// <summary>What a node thinks of a value of the second level.</summary>
internal enum Judgement
{
    /// <summary>It is not to be used.</summary>
    Refused,

    /// <summary>It may be used if a tail that begins after the answer is confirmed over the same connection.</summary>
    Suspected,

    /// <summary>It may be used.</summary>
    True,
}
