namespace Unstale.Horizon;

/// <summary>What a node knew when it sent a request; its answer is judged by it.</summary>
/// <param name="Generation">The generation.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="Tick">The number of marks made.</param>
/// <param name="Seen">The highest sequence that any answer of the generation had told.</param>
/// <param name="Cursor">The stamp that a value read now would get.</param>
/// <param name="Time">When, by the monotonic clock.</param>
internal readonly record struct AskedAt(Generation Generation, int Epoch, long Tick, long Seen, long Cursor, long Time)
{
    /// <summary>Whether the present connection has been greeted: nothing but a tail is sent before.</summary>
    public bool IsReady { get; init; }

    /// <summary>The tails begun by then; of a tail, its own number.</summary>
    public long Tails { get; init; }

    /// <summary>How much longer than the bound the log was told that this node may serve.</summary>
    public long ServesBeyond { get; init; }
}
