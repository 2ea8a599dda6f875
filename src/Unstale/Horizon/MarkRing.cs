using Unstale.Log;

namespace Unstale.Horizon;

/// <summary>
/// The newest marks of this node in the order it made them, so that a fill can tell which of its waiters came before the first
/// mark that concerns it. Needs the horizon's lock throughout.
/// </summary>
internal sealed class MarkRing
{
    /// <summary>No mark concerns the key.</summary>
    public const long None = long.MaxValue;
    private const int Kept = 1024;

    private readonly InvalidationTarget[] _marks = new InvalidationTarget[Kept];

    /// <summary>Counts marks: the node's local time between records.</summary>
    public long Tick { get; private set; }

    public void Add(in InvalidationTarget target) => _marks[++Tick % Kept] = target;

    /// <summary>The tick of the first mark after <paramref name="since"/> that concerns the key; <paramref name="since"/> itself if the ring does not reach back so far.</summary>
    public long First(string key, ReadOnlySpan<string> tags, long since)
    {
        if (Tick - since > Kept)
            return since;
        for (var tick = since + 1; tick <= Tick; tick++)
        {
            if (_marks[tick % Kept].Concerns(key, tags))
                return tick;
        }

        return None;
    }
}
