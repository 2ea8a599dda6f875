namespace Unstale.Memory;

/// <summary>
/// Enumeration of a table without a lock. Passes each entry that is stored throughout the enumeration at least once, also while the table grows. An
/// entry that moves, or shares a bucket with one added or removed at the same time, may be passed twice.
/// </summary>
internal struct EntryWalk(EntryTable table)
{
    private Entry?[] _buckets = table.FirstBuckets();
    private int _bucket = -1;
    private Entry? _first;
    private Entry? _current;

    public readonly Entry Current => _current!;

    public bool MoveNext()
    {
        _current = _current?.Next;
        while (_current is null)
        {
            // Moves take the first entry of a bucket. If this walk stood on the entry, the walk continued in another bucket: the rest remains.
            if (_bucket < 0 || Volatile.Read(ref _buckets[_bucket]) is not { } first || first == _first)
            {
                if (!NextBucket())
                    return false;
                if (_current is not null)
                    break;
                first = Volatile.Read(ref _buckets[_bucket]);
            }

            _current = _first = first;
        }

        return true;
    }

    private bool NextBucket()
    {
        _first = null;
        if (++_bucket < _buckets.Length)
            return true;
        if (table.BucketsAfter(_buckets) is not { } after)
            return false;
        _buckets = after;
        _bucket = 0;

        // An entry that left a bucket of the walk before the walk arrived there, and has not yet entered one of these.
        _current = table.Moving;
        return true;
    }
}
