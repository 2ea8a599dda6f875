namespace Unstale.Horizon;

/// <summary>Own acknowledged records of the replay window. They are appended again when a new generation shows a possible loss.</summary>
internal sealed class ReplayRing(int capacity, long window)
{
    private readonly Queue<(long Time, Generation Generation, Operation Operation)> _ring = [];

    /// <summary>Time of the newest record dropped for lack of capacity.</summary>
    private long _droppedAt = long.MinValue;

    public void Add(long now, Generation generation, Operation operation)
    {
        while (_ring.TryPeek(out var oldest) && now - oldest.Time > window)
            _ring.Dequeue();
        if (_ring.Count >= capacity)
            _droppedAt = _ring.Dequeue().Time;
        _ring.Enqueue((now, generation, operation));
    }

    /// <summary>Removes and returns the operations of all other generations.</summary>
    /// <param name="now">Current monotonic time, in milliseconds.</param>
    /// <param name="generation">Generation whose records remain.</param>
    /// <param name="incomplete">True if some of the records are no longer stored.</param>
    public List<Operation> RemoveOthers(long now, Generation generation, out bool incomplete)
    {
        var others = new List<Operation>();
        for (var left = _ring.Count; left > 0; left--)
        {
            var item = _ring.Dequeue();
            if (item.Generation == generation)
                _ring.Enqueue(item);
            else if (now - item.Time <= window)
                others.Add(item.Operation);
        }

        incomplete = others.Count > 0 && _droppedAt != long.MinValue && now - _droppedAt <= window;
        return others;
    }
}
