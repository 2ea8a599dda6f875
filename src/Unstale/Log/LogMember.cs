namespace Unstale.Log;

/// <summary>One node of a log, as last reported by the node.</summary>
/// <param name="Node">Identifier of the node.</param>
/// <param name="Generation">Generation of the node; may be one that the log has left.</param>
/// <param name="Cursor">Sequence up to which the node has applied all records.</param>
/// <param name="ServesFor">Time for which the node may serve stored values without another confirmation.</param>
internal readonly record struct LogMember(string Node, Generation Generation, long Cursor, TimeSpan ServesFor)
{
    /// <summary>Value that differs for every confirmation of the node; null if the log does not store one. Compared only for equality.</summary>
    public long? Confirmation { get; init; }
}
