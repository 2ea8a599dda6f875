namespace Unstale.AspNetCore.OutputCache;

/// <summary>Recent evictions, so that a page generated in the meantime is not stored.</summary>
internal sealed class Evictions
{
    private const int Kept = 1024;

    private readonly Lock _gate = new();
    private readonly IReadOnlyCollection<string>[] _recent = new IReadOnlyCollection<string>[Kept];
    private long _count;

    /// <summary>Number of evictions so far.</summary>
    public long Count => Interlocked.Read(ref _count);

    public void Add(IReadOnlyCollection<string> tags)
    {
        lock (_gate)
        {
            _recent[_count % Kept] = tags;
            Interlocked.Increment(ref _count); // read without the lock
        }
    }

    /// <summary>Returns whether one of the tags was, or may have been, evicted since the given number of evictions.</summary>
    public bool Concern(HashSet<string> tags, long since)
    {
        lock (_gate)
        {
            if (_count - since > Kept)
                return true;
            for (var number = since; number < _count; number++)
            {
                if (tags.Overlaps(_recent[number % Kept]))
                    return true;
            }

            return false;
        }
    }
}
