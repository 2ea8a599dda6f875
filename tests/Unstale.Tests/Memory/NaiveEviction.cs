using Unstale.Memory;
using Unstale.Values;

namespace Unstale.Tests.Memory;

/// <summary>
/// The eviction over five lists, old to new. A ghost is the lower half of the hash, as in the store: two keys may share one.
/// </summary>
internal sealed class NaiveEviction(int capacity, long bytes = long.MaxValue)
{
    private readonly int _mainCapacity = capacity - Math.Max(1, capacity / 20);
    private readonly long _mainBytes = bytes - (bytes / 20);
    private readonly Dictionary<EntryPlace, List<(string Key, int Reads, long Size)>> _queues = new()
    {
        [EntryPlace.Small] = [],
        [EntryPlace.Main] = [],
        [EntryPlace.Low] = [],
        [EntryPlace.High] = [],
        [EntryPlace.Pinned] = [],
    };

    private readonly Dictionary<int, List<ushort>> _ghosts = [];

    public IEnumerable<(string Key, int Reads)> In(EntryPlace place) => _queues[place].Select(e => (e.Key, e.Reads));

    public long Bytes => _queues.Values.Sum(queue => queue.Sum(e => e.Size));

    private List<(string Key, int Reads, long Size)> Small => _queues[EntryPlace.Small];

    private List<(string Key, int Reads, long Size)> Main => _queues[EntryPlace.Main];

    private int Count => _queues.Values.Sum(queue => queue.Count);

    private bool IsMainFull => Main.Count >= _mainCapacity || Main.Sum(e => e.Size) >= _mainBytes;

    private int Sets => Math.Max(1, ((int)Math.Min(_mainCapacity, bytes / 128) + 7) / 8);

    public void Hit(string key)
    {
        foreach (var queue in _queues.Values)
        {
            if (queue.FindIndex(e => e.Key == key) is >= 0 and var i)
                queue[i] = queue[i] with { Reads = Math.Min(3, queue[i].Reads + 1) };
        }
    }

    public void Remove(string key)
    {
        foreach (var queue in _queues.Values)
        {
            if (queue.FindIndex(e => e.Key == key) is >= 0 and var i)
                RemoveAt(queue, i);
        }
    }

    /// <returns>False if entries that are not evicted leave no room.</returns>
    public bool Put(string key, long size = 0, EntryPlace place = EntryPlace.None)
    {
        Remove(key);
        var pinned = _queues[EntryPlace.Pinned];
        if (pinned.Count >= capacity || pinned.Sum(e => e.Size) + size > bytes)
            return false;
        while (Count >= capacity || Bytes + size > bytes)
            Evict(key);
        if (place != EntryPlace.None)
        {
            _queues[place].Add((key, 0, size));
        }
        else if (!IsMainFull && IsGhost(key))
        {
            RemoveGhost(key);
            Main.Add((key, 0, size));
        }
        else
        {
            Small.Add((key, 0, size));
        }

        return true;
    }

    private void Evict(string newKey)
    {
        if (_queues[EntryPlace.Low] is { Count: > 0 } low)
        {
            RemoveAt(low, 0);
            return;
        }

        if (EvictNormal(newKey))
            return;
        var high = _queues[EntryPlace.High];
        if (!TryEvictUnread(high))
            RemoveAt(high, 0);
    }

    private bool EvictNormal(string newKey)
    {
        if (IsMainFull && IsGhost(newKey) && TryEvictUnread(Main))
            return true;
        for (var promotions = 0; Small.Count > 0; promotions++)
        {
            var (key, reads, size) = Small[0];
            var isFull = IsMainFull;
            if (reads == 0 || promotions == 16 || (isFull && !TryEvictUnread(Main)))
            {
                AddGhost(key);
                Small.RemoveAt(0);
                return true;
            }

            Small.RemoveAt(0);
            Main.Add((key, 0, size));
            if (isFull)
                return true;
        }

        if (Main.Count == 0)
            return false;
        if (!TryEvictUnread(Main))
            RemoveAt(Main, 0);
        return true;
    }

    /// <summary>Looks at three entries.</summary>
    private static bool TryEvictUnread(List<(string Key, int Reads, long Size)> queue)
    {
        for (var step = 0; step < 3 && queue.Count > 0; step++)
        {
            var oldest = queue[0];
            queue.RemoveAt(0);
            if (oldest.Reads == 0)
                return true;
            queue.Add(oldest with { Reads = oldest.Reads - 1 });
        }

        return false;
    }

    private void RemoveAt(List<(string Key, int Reads, long Size)> queue, int index)
    {
        if (queue[index].Reads > 0)
            AddGhost(queue[index].Key);
        queue.RemoveAt(index);
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
