namespace Unstale.Node;

/// <summary>
/// Decides whether any node may still serve invalidated values. A node no longer counts once it is in the log's generation and has applied the
/// record, or once its serving time has passed since it was first reported behind: any later confirmation includes the record. Nodes in an older
/// generation are not listed; the log began the current generation before the requesting node adopted it.
/// </summary>
/// <param name="allowance">Time for which a deposed server may continue to confirm nodes, in milliseconds.</param>
internal sealed class ConvergenceCheck(double allowance)
{
    /// <summary>Maximum ratio between the speeds of two clocks.</summary>
    private const double Drift = 1.01;

    private readonly Dictionary<string, long> _behindSince = new(StringComparer.Ordinal);
    private Generation _generation;
    private long _needed;
    private long _until = long.MaxValue;
    private double _longest;

    /// <param name="snapshot">Reply of the log.</param>
    /// <param name="needed">Highest sequence of the invalidation's records in the generation of the reply; 0 if none.</param>
    /// <param name="now">Current monotonic time, in milliseconds.</param>
    public void Apply(MembershipSnapshot snapshot, long needed, long now)
    {
        if (snapshot.Generation != _generation || needed != _needed)
            _behindSince.Clear();
        (_generation, _needed, _longest, _until) = (snapshot.Generation, needed, snapshot.Longest, long.MinValue);
        foreach (var (member, since) in snapshot.Members)
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
    public bool IsOver(in NodeStatus status, long needed, long now, out long? left)
    {
        left = null;
        if (_until == long.MaxValue || status.Generation == Generation.None || status.Generation != _generation || !status.IsSettled || needed != _needed)
            return false;
        left = Math.Max(_until, status.Since + Served(_longest)) - now;
        return left <= 0;
    }

    private long Served(double milliseconds) => (long)Math.Ceiling((milliseconds * Drift) + allowance);
}
