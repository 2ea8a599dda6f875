namespace Unstale.Log;

/// <summary>The nodes that have confirmed their place in the present generation and have not left.</summary>
/// <param name="Generation">The log's generation.</param>
/// <param name="Members">The nodes, the asking one among them.</param>
public sealed record LogMembers(Generation Generation, IReadOnlyList<LogMember> Members);
