namespace Unstale.AspNetCore.OutputCache;

/// <summary>What was evicted lately, so that a page which was made meanwhile is not kept.</summary>
internal sealed class Evictions
{
    private const int Kept = 1024;

    private readonly Lock _gate = new();
    private readonly IReadOnlyCollection<string>[] _recent = new IReadOnlyCollection<string>[Kept];
    private long _count;

    /// <summary>How many there were.</summary>
    public long Count => Interlocked.Read(ref _count);

    public void Add(IReadOnlyCollection<string> tags)
    {
        lock (_gate)
        {
            _recent[_count % Kept] = tags;
            Interlocked.Increment(ref _count); // read without the lock
        }
    }

    /// <summary>Whether one of these tags was evicted since there were that many, or may have been.</summary>
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
