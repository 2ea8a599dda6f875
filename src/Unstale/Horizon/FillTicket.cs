namespace Unstale.Horizon;

/// <summary>Where a node stood when a fill began, before anything was read.</summary>
/// <param name="Trusted">Whether the value may be kept at all.</param>
/// <param name="MayAskRemote">Whether the second level may be asked and filled.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="Generation">The generation.</param>
/// <param name="Stamp">The sequence that the value will be true as of.</param>
/// <param name="Tick">The marks made by then.</param>
/// <param name="Seen">The highest sequence that any answer had told.</param>
/// <param name="BeganAt">The monotonic clock.</param>
/// <param name="Link">The number of the connection.</param>
internal readonly record struct FillTicket(
    bool Trusted, bool MayAskRemote, int Epoch, Generation Generation, long Stamp, long Tick, long Seen, long BeganAt, int Link);
