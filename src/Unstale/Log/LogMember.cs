namespace Unstale.Log;

/// <summary>One node of a log, as it last told of itself.</summary>
/// <param name="Node">The node.</param>
/// <param name="Generation">The generation it stood in; it may be one that the log has left.</param>
/// <param name="Cursor">The sequence up to which it had applied everything.</param>
/// <param name="ServesFor">How long it may serve what it holds without confirming again.</param>
public readonly record struct LogMember(string Node, Generation Generation, long Cursor, TimeSpan ServesFor)
{
    /// <summary>Another one with every confirmation of the node; null where the log does not keep it. Only ever compared for equality.</summary>
    public long? Confirmation { get; init; }
}
