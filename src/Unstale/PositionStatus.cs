namespace Unstale;

/// <summary>Progress of this node relative to the positions of a session.</summary>
public enum PositionStatus
{
    /// <summary>Reads on this node reflect every invalidation up to the positions.</summary>
    Reached,

    /// <summary>
    /// The positions may exist, but this node has not confirmed them: the limit has passed, the log is unavailable, or the positions belong to a
    /// history that this node left recently. Read through <see cref="UnstaleCache.BypassScope"/>, and check again with the next request.
    /// </summary>
    NotYet,

    /// <summary>
    /// The log has never issued the positions: a partition outside the log, a generation that this node has never followed, a sequence above the
    /// newest, or text that is not a position. Waiting is useless: read as usual, and replace the text sent by the client.
    /// </summary>
    Unknown,
}
