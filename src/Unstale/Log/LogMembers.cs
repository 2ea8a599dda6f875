namespace Unstale.Log;

/// <summary>
/// The nodes that have confirmed their place in the present generation and have not left. A log may take nodes off the list that have not
/// confirmed for long; together they then stand as one member, which has no generation and another name with each node that is
/// taken off, for nobody knows that they serve nothing any more.
/// </summary>
/// <param name="Generation">The log's generation.</param>
/// <param name="Members">The nodes, the asking one among them.</param>
public sealed record LogMembers(Generation Generation, IReadOnlyList<LogMember> Members)
{
    /// <summary>The longest time that a node, in this generation or an older one, may serve without confirming. Default: zero (not known).</summary>
    public TimeSpan LongestServed { get; init; }
}
