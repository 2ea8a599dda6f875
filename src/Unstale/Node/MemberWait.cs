namespace Unstale.Node;

/// <summary>State of the requesting node.</summary>
/// <param name="Generation">Generation of the node; none while the node has none.</param>
/// <param name="Since">Time since which the node is in the generation, by the node's clock.</param>
/// <param name="IsSettled">Whether no own record of the node is still being replayed from an older generation.</param>
internal readonly record struct NodePlace(Generation Generation, long Since, bool IsSettled);

/// <summary>
/// Decides whether any node may still serve invalidated values. A node no longer counts once it is in the log's generation and has applied the
/// record, or once its serving time has passed since it was first reported behind: any later confirmation includes the record. Nodes in an older
/// generation are not listed; the log began the current generation before the requesting node adopted it.
/// </summary>
/// <param name="allowance">Time for which a deposed server may continue to confirm nodes, in milliseconds.</param>
internal sealed class MemberWait(double allowance)
{
    /// <summary>Maximum ratio between the speeds of two clocks.</summary>
    private const double Drift = 1.01;

    private readonly Dictionary<string, long> _behindSince = new(StringComparer.Ordinal);
    private Generation _generation;
    private long _needed;
    private long _until = long.MaxValue;
    private double _longest;

    /// <param name="heard">Reply of the log.</param>
    /// <param name="needed">Highest sequence of the invalidation's records in the generation of the reply; 0 if none.</param>
    /// <param name="now">Current monotonic time, in milliseconds.</param>
    public void Take(MembersHeard heard, long needed, long now)
    {
        if (heard.Generation != _generation || needed != _needed)
            _behindSince.Clear();
        (_generation, _needed, _longest, _until) = (heard.Generation, needed, heard.Longest, long.MinValue);
        foreach (var (member, since) in heard.Members)
        {
            if (member.Generation == _generation && member.Cursor >= needed)
                continue;
            var behind = _behindSince[member.Node] = Math.Min(since, _behindSince.GetValueOrDefault(member.Node, now));
            _until = Math.Max(_until, behind + Served(member.ServesFor.TotalMilliseconds));
        }
    }

    /// <summary>
    /// True if the wait is over. Otherwise <paramref name="left"/> is the time in milliseconds until the clock alone ends the wait, or null if the
    /// clock does not.
    /// </summary>
    public bool IsOver(in NodePlace place, long needed, long now, out long? left)
    {
        left = null;
        if (_until == long.MaxValue || place.Generation == Generation.None || place.Generation != _generation || !place.IsSettled || needed != _needed)
            return false;
        left = Math.Max(_until, place.Since + Served(_longest)) - now;
        return left <= 0;
    }

    private long Served(double milliseconds) => (long)Math.Ceiling((milliseconds * Drift) + allowance);
}
