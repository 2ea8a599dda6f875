namespace Unstale.Horizon;

/// <summary>State of a node at the start of a load that may read and write the second level.</summary>
/// <param name="Generation">Generation at the start.</param>
/// <param name="Seen">Highest sequence in any earlier reply.</param>
/// <param name="Link">Number of the connection at the start.</param>
internal sealed record RemoteTicket(Generation Generation, long Seen, int Link);
