namespace Unstale.Benchmarks.InProcess.Eviction;

/// <summary>Optimum (Belady, 1966) of a cache that may leave a value out: the value read again last is not held. Must be read in the order given.</summary>
internal sealed class Optimum : ITracedCache
{
    private readonly int _capacity;
    private readonly int[] _next;
    private readonly Dictionary<int, int> _held = [];
    private readonly PriorityQueue<int, int> _byNext = new();
    private int _at;

    public Optimum(int capacity, IReadOnlyList<int> reads)
    {
        _capacity = capacity;
        _next = new int[reads.Count];
        var seen = new Dictionary<int, int>();
        for (var index = reads.Count - 1; index >= 0; index--)
        {
            _next[index] = seen.GetValueOrDefault(reads[index], int.MaxValue);
            seen[reads[index]] = index;
        }
    }

    public int Held => _held.Count;

    public bool Read(int key)
    {
        var next = _next[_at++];
        var isHit = _held.ContainsKey(key);
        _held[key] = next;
        _byNext.Enqueue(key, -next);
        while (_held.Count > _capacity)
        {
            // Each read of a key leaves a place in the queue; only the newest one counts.
            if (_byNext.TryDequeue(out var last, out var place) && _held.TryGetValue(last, out var due) && due == -place)
                _held.Remove(last);
        }

        return isHit;
    }

    public void Dispose() => _held.Clear();
}
