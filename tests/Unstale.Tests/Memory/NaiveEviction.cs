using Unstale.Memory;
using Unstale.Values;

namespace Unstale.Tests.Memory;

/// <summary>The eviction over three lists, old to new. A ghost is the lower half of the hash, as in the store: two keys may share one.</summary>
internal sealed class NaiveEviction(int capacity)
{
    private readonly int _mainCapacity = capacity - Math.Max(1, capacity / 20);
    private readonly List<(string Key, int Reads)> _small = [];
    private readonly List<(string Key, int Reads)> _main = [];
    private readonly Dictionary<int, List<ushort>> _ghosts = [];

    public IEnumerable<(string Key, int Reads)> Small => _small;

    public IEnumerable<(string Key, int Reads)> Main => _main;

    private int Sets => Math.Max(1, (_mainCapacity + 7) / 8);

    public void Hit(string key)
    {
        foreach (var queue in new[] { _small, _main })
        {
            if (queue.FindIndex(e => e.Key == key) is >= 0 and var i)
                queue[i] = (key, Math.Min(3, queue[i].Reads + 1));
        }
    }

    public void Remove(string key)
    {
        foreach (var queue in new[] { _small, _main })
        {
            if (queue.FindIndex(e => e.Key == key) is not (>= 0 and var i))
                continue;
            if (queue[i].Reads > 0)
                AddGhost(key);
            queue.RemoveAt(i);
        }
    }

    public void Put(string key)
    {
        Remove(key);
        if (_small.Count + _main.Count == capacity)
            Evict(key);
        if (_main.Count < _mainCapacity && IsGhost(key))
        {
            RemoveGhost(key);
            _main.Add((key, 0));
        }
        else
        {
            _small.Add((key, 0));
        }
    }

    private void Evict(string newKey)
    {
        if (_main.Count == _mainCapacity && IsGhost(newKey) && TryEvictFromMain())
            return;
        for (var promotions = 0; ; promotions++)
        {
            var (key, reads) = _small[0];
            var isFull = _main.Count == _mainCapacity;
            if (reads == 0 || promotions == 16 || (isFull && !TryEvictFromMain()))
            {
                AddGhost(key);
                _small.RemoveAt(0);
                return;
            }

            _small.RemoveAt(0);
            _main.Add((key, 0));
            if (isFull)
                return;
        }
    }

    /// <summary>Looks at three entries.</summary>
    private bool TryEvictFromMain()
    {
        for (var step = 0; step < 3 && _main.Count > 0; step++)
        {
            var (key, reads) = _main[0];
            _main.RemoveAt(0);
            if (reads == 0)
                return true;
            _main.Add((key, reads - 1));
        }

        return false;
    }

    private bool IsGhost(string key) => SetOf(key).Contains(Ghost(key));

    private void AddGhost(string key)
    {
        RemoveGhost(key);
        var set = SetOf(key);
        set.Insert(0, Ghost(key));
        set.RemoveAt(8);
    }

    private void RemoveGhost(string key)
    {
        var set = SetOf(key);
        if (set.IndexOf(Ghost(key)) is >= 0 and var i)
            set[i] = 0;
    }

    private List<ushort> SetOf(string key)
    {
        var set = (int)(((ulong)KeyHash.Compute(key) * (ulong)Sets) >> 32);
        if (!_ghosts.TryGetValue(set, out var ghosts))
            _ghosts[set] = ghosts = [.. new ushort[8]];
        return ghosts;
    }

    private static ushort Ghost(string key) => GhostTable.Fingerprint(KeyHash.Compute(key));
}
