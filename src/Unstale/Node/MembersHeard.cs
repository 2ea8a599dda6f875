using Unstale.Log;

namespace Unstale.Node;

/// <summary>One answer to "who are the nodes, and where do they stand", with what this node knew before.</summary>
/// <param name="Generation">The log's generation.</param>
/// <param name="Members">Each node, and since when, by this node's clock, its entry has been known to be as it is.</param>
/// <param name="Longest">The longest time, in milliseconds, that any node ever told it may serve without confirming.</param>
internal sealed record MembersHeard(Generation Generation, IReadOnlyList<(LogMember Member, long Since)> Members, double Longest);
