using Unstale.Log;

namespace Unstale.Node;

/// <summary>Log's list of nodes as seen by this node, with the longest serving time and the time since which each entry is unchanged.</summary>
/// <param name="longest">Initial value of the longest serving time, in milliseconds: the serving time of this node.</param>
internal sealed class MemberList(double longest)
{
    private Dictionary<string, (LogMember Member, long Since)> _known = new(StringComparer.Ordinal);
    private double _longest = longest;

    /// <summary>Processes a reply of the log. Replies are processed one at a time.</summary>
    public MembershipSnapshot Apply(LogMembers answer, long now)
    {
        _longest = Math.Max(_longest, answer.LongestServed.TotalMilliseconds);
        var received = new Dictionary<string, (LogMember Member, long Since)>(StringComparer.Ordinal);
        foreach (var member in answer.Members)
        {
            _longest = Math.Max(_longest, member.ServesFor.TotalMilliseconds);
            var isAsBefore = member.Confirmation is not null && _known.TryGetValue(member.Node, out var before) && before.Member == member;
            received[member.Node] = (member, isAsBefore ? _known[member.Node].Since : now);
        }

        _known = received;
        return new MembershipSnapshot(answer.Generation, [.. received.Values], _longest);
    }
}
