namespace Unstale.Node;

/// <summary>Where the asking node stands itself.</summary>
/// <param name="Generation">Its generation; none while it has none.</param>
/// <param name="Since">Since when, by its clock.</param>
/// <param name="IsSettled">True when none of its own records is on its way from an older generation into this one.</param>
internal readonly record struct NodePlace(Generation Generation, long Since, bool IsSettled);

/// <summary>
/// Decides whether any node may still serve what an invalidation took. A node is done with when it stands in the log's generation and
/// has applied the record, or when its time has passed since it was first heard of behind: a confirmation after that brings it the
/// record. Nodes that stand in an older generation are not listed; the log began this one before the asking node adopted it.
/// </summary>
/// <param name="allowance">Milliseconds that a deposed server may go on confirming nodes.</param>
internal sealed class MemberWait(double allowance)
{
    /// <summary>Two clocks may run this far apart.</summary>
    private const double Drift = 1.01;

    private readonly Dictionary<string, long> _behindSince = new(StringComparer.Ordinal);
    private Generation _generation;
    private long _needed;
    private long _until = long.MaxValue;
    private double _longest;

    /// <param name="heard">The log's answer.</param>
    /// <param name="needed">The highest sequence of the invalidation's records in the answer's generation; 0 if it has none there.</param>
    /// <param name="now">The clock.</param>
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

    /// <summary>True if it is over; otherwise how long the clock alone would still take, or null if that does not end it.</summary>
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
