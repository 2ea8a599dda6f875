namespace Shop.Load;

/// <summary>When a server was without its Redis, as its health said.</summary>
internal sealed class Outages(long slack)
{
    private readonly Lock _lock = new();
    private readonly List<(long From, long To)> _ended = [];
    private long? _since;
    private long _gone = long.MinValue;

    /// <param name="state">What its health said. An outage lasts until all is sent that was written in it.</param>
    /// <param name="at">When it was asked.</param>
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
                // A node notices a server that fell silent only when its own trust ends; a process says nothing about the one before.
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
        {
            return _since <= to || _ended.Exists(outage => outage.From <= to && from <= outage.To);
        }
    }

    /// <summary>When the outage ended that this moment lies in; the moment itself when in none, no moment when it lasts.</summary>
    public long EndAfter(long at)
    {
        lock (_lock)
        {
            return _since <= at ? long.MaxValue : _ended.Where(outage => outage.From <= at && at <= outage.To).Select(static outage => outage.To).DefaultIfEmpty(at).Max();
        }
    }
}
