namespace Unstale.Horizon;

/// <summary>State of a node when a request is sent. The reply is judged against this state.</summary>
/// <param name="Generation">Generation at the request.</param>
/// <param name="Epoch">Epoch at the request.</param>
/// <param name="Tick">Number of marks made before the request.</param>
/// <param name="Seen">Highest sequence in any earlier reply of the generation.</param>
/// <param name="Cursor">Stamp for a value read at this moment.</param>
/// <param name="Time">Monotonic time of the request, in milliseconds.</param>
internal readonly record struct RequestSnapshot(Generation Generation, int Epoch, long Tick, long Seen, long Cursor, long Time)
{
    /// <summary>Whether the current connection has completed a tail. No other request is sent before.</summary>
    public bool IsReady { get; init; }

    /// <summary>Number of tails started so far. For a tail, its own number.</summary>
    public long Tails { get; init; }

    /// <summary>Serving time beyond the staleness bound, as reported to the log, in milliseconds.</summary>
    public long ServesBeyond { get; init; }
}
