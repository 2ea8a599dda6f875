namespace Unstale.Horizon;

/// <summary>Effect of a tail's reply on a node.</summary>
internal enum FollowedTail
{
    /// <summary>The reply confirms nothing: more records are to be read, or the history is another one.</summary>
    Incomplete,

    /// <summary>The node has all records of the log as of the request.</summary>
    Complete,

    /// <summary>The node has entered another generation, at its end.</summary>
    Adopted,
}
