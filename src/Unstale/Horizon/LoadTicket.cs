namespace Unstale.Horizon;

/// <summary>State of a node at the start of a load, before anything is read.</summary>
/// <param name="Trusted">Whether the value may be stored.</param>
/// <param name="MayAskRemote">Whether the second level may be read and written.</param>
/// <param name="Epoch">Epoch at the start.</param>
/// <param name="Generation">Generation at the start.</param>
/// <param name="Stamp">Sequence as of which the loaded value is valid.</param>
/// <param name="Tick">Number of marks made before the start.</param>
/// <param name="Seen">Highest sequence in any earlier reply.</param>
/// <param name="BeganAt">Monotonic time of the start, in milliseconds.</param>
/// <param name="Link">Number of the connection at the start.</param>
internal readonly record struct LoadTicket(
    bool Trusted, bool MayAskRemote, int Epoch, Generation Generation, long Stamp, long Tick, long Seen, long BeganAt, int Link);
