using Unstale.Log;

namespace Unstale.Node;

/// <summary>Reply with the nodes of the log and their positions, combined with earlier replies.</summary>
/// <param name="Generation">Generation of the log.</param>
/// <param name="Members">Nodes, each with the time since which its entry is unchanged, by this node's clock.</param>
/// <param name="Longest">Longest serving time without confirmation that any node ever reported, in milliseconds.</param>
internal sealed record MembershipSnapshot(Generation Generation, IReadOnlyList<(LogMember Member, long Since)> Members, double Longest);
