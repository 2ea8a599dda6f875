namespace Shop.Load;

/// <summary>Outages of Redis at one server, according to its health reports.</summary>
internal sealed class Outages(long slack)
{
    private readonly Lock _lock = new();
    private readonly List<(long From, long To)> _ended = [];
    private long? _since;
    private long _gone = long.MinValue;

    /// <param name="state">State in the health report. An outage lasts until all writes made during it are sent.</param>
    /// <param name="at">Time of the request.</param>
    public void Note(RedisState state, long at)
    {
        lock (_lock)
        {
            if (state == RedisState.Gone)
            {
                _gone = at;
            }
            else if (state == RedisState.CutOff)
            {
                // A node notices a silent server only when its own trust ends. A new process reports nothing about the previous one.
                _since ??= Math.Max(at - slack, _gone);
            }
            else if (state == RedisState.Connected && _since is { } since)
            {
                _ended.Add((since, at));
                _since = null;
            }
        }
    }

    public bool Overlap(long from, long to)
    {
        lock (_lock)
            return _since <= to || _ended.Exists(outage => outage.From <= to && from <= outage.To);
    }

    /// <summary>Returns the end of the outage at a time: the time itself if there is none, <c>long.MaxValue</c> if the outage continues.</summary>
    public long EndAfter(long at)
    {
        lock (_lock)
            return _since <= at ? long.MaxValue : _ended.Where(outage => outage.From <= at && at <= outage.To).Select(static outage => outage.To).DefaultIfEmpty(at).Max();
    }
}
