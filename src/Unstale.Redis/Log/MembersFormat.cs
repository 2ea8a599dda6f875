using System.Globalization;
using System.Text;
using Unstale.Log;
using Unstale.Redis.Connection;

namespace Unstale.Redis.Log;

/// <summary>Reads the reply of the members script: the generation, then each node and its position.</summary>
internal static class MembersFormat
{
    private const long MostMilliseconds = long.MaxValue / TimeSpan.TicksPerMillisecond;

    /// <summary>Name under which the script lists all nodes of older generations. Only the longest serving time of these nodes is stored.</summary>
    private const string Before = "before";

    public static LogMembers Parse(RedisReply reply)
    {
        if (!reply.IsAggregate || reply.Items is not [{ Type: RedisReplyType.Bulk } generation, .. var rest] || rest.Length % 2 != 0)
            throw Errors.MalformedReply("members");

        var members = new List<LogMember>();
        var unreadable = new List<string>();
        var longest = TimeSpan.Zero;
        for (var i = 0; i < rest.Length; i += 2)
        {
            var (node, entry) = (rest[i].Bytes, rest[i + 1].Bytes);
            var isWithinLimits = node.Length <= RecordLimits.MemberBytes && entry.Length <= RecordLimits.MemberBytes;
            var name = Encoding.UTF8.GetString(node.AsSpan(0, Math.Min(node.Length, RecordLimits.MemberBytes)));
            if (!isWithinLimits || Member(name, rest[i + 1].Text()) is not { } member)
            {
                unreadable.Add(name);
                continue;
            }

            longest = member.ServesFor > longest ? member.ServesFor : longest;
            if (name != Before)
                members.Add(member);
        }

        // The serving time of an unreadable node is unknown. The node is treated as one that never confirms and serves as long as any other node.
        members.AddRange(unreadable.Select(name => new LogMember(name, Generation.None, 0, longest) { Confirmation = 0 }));
        return new LogMembers(LogEncoding.TryGeneration(generation.Bytes, out var current) ? current : Generation.None, members) { LongestServed = longest };
    }

    /// <summary>Parses <c>link generation cursor serves-for server-milliseconds</c>. The generation '-' is none. Returns null for any other text.</summary>
    private static LogMember? Member(string node, string value) =>
        value.Split(' ') is [_, var generation, var cursor, var serves, var confirmed]
        && (Generation.TryParse(generation, CultureInfo.InvariantCulture, out var followed) || generation == "-")
        && long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
        && long.TryParse(serves, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
        && long.TryParse(confirmed, NumberStyles.None, CultureInfo.InvariantCulture, out var confirmation)
            ? new LogMember(node, followed, at, TimeSpan.FromMilliseconds(Math.Min(milliseconds, MostMilliseconds))) { Confirmation = confirmation }
            : null;
}
