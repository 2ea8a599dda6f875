namespace Unstale;

/// <summary>Relation of this node to the positions of a session.</summary>
public enum PositionStatus
{
    /// <summary>Reads on this node reflect every invalidation up to the positions.</summary>
    Reached,

    /// <summary>
    /// The positions may be real, and this node has not confirmed them: the limit has passed, the log cannot be reached, or they are of a history
    /// that this node left a moment ago. Read through <see cref="UnstaleCache.BypassScope"/>, and check again with the next request.
    /// </summary>
    NotYet,

    /// <summary>
    /// The log has never given out such a position: another partition, a generation that this node never stood in, a sequence above the newest, or
    /// text that is no position. Nothing can be waited for: read as usual, and replace the text that the client sent.
    /// </summary>
    Unknown,
}
