namespace Unstale.Log;

/// <summary>
/// Nodes that have confirmed their position in the current generation and have not left. A log may remove nodes that have not confirmed for a long
/// time. The removed nodes are then listed as one member, without a generation and with a new name after each removal, because they may still serve
/// values.
/// </summary>
/// <param name="Generation">Generation of the log.</param>
/// <param name="Members">Nodes of the log, including the requesting one.</param>
internal sealed record LogMembers(Generation Generation, IReadOnlyList<LogMember> Members)
{
    /// <summary>
    /// Longest time for which any node, in this generation or an older one, may serve without confirmation. Default: zero (unknown).
    /// </summary>
    public TimeSpan LongestServed { get; init; }
}
