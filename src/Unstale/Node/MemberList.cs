using Unstale.Log;

namespace Unstale.Node;

/// <summary>The log's list of nodes as this node has met it: since when each entry is as it is, and the longest serving time of all.</summary>
/// <param name="longest">The longest serving time that is known from the beginning, in milliseconds: the node's own.</param>
internal sealed class MemberList(double longest)
{
    private Dictionary<string, (LogMember Member, long Since)> _known = new(StringComparer.Ordinal);
    private double _longest = longest;

    /// <summary>Takes an answer of the log. Answers come one after the other.</summary>
    public MembersHeard Take(LogMembers answer, long now)
    {
        _longest = Math.Max(_longest, answer.LongestServed.TotalMilliseconds);
        var heard = new Dictionary<string, (LogMember Member, long Since)>(StringComparer.Ordinal);
        foreach (var member in answer.Members)
        {
            _longest = Math.Max(_longest, member.ServesFor.TotalMilliseconds);
            var isAsBefore = member.Confirmation is not null && _known.TryGetValue(member.Node, out var before) && before.Member == member;
            heard[member.Node] = (member, isAsBefore ? _known[member.Node].Since : now);
        }

        _known = heard;
        return new MembersHeard(answer.Generation, [.. heard.Values], _longest);
    }
}
