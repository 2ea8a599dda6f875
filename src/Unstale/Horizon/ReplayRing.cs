namespace Unstale.Horizon;

/// <summary>Own acknowledged records of the replay window, to be appended again when a new generation shows that they may be lost.</summary>
internal sealed class ReplayRing(int capacity, long window)
{
    private readonly Queue<(long Time, Generation Generation, Operation Operation)> _ring = [];

    /// <summary>The newest moment of which a record had to be dropped for want of room.</summary>
    private long _droppedAt = long.MinValue;

    public void Add(long now, Generation generation, Operation operation)
    {
        while (_ring.TryPeek(out var oldest) && now - oldest.Time > window)
            _ring.Dequeue();
        if (_ring.Count >= capacity)
            _droppedAt = _ring.Dequeue().Time;
        _ring.Enqueue((now, generation, operation));
    }

    /// <summary>Takes out what belongs to other generations than this one.</summary>
    /// <param name="now">The monotonic clock.</param>
    /// <param name="generation">The generation whose records stay.</param>
    /// <param name="incomplete">True if some of it is not known any more.</param>
    public List<Operation> TakeOthers(long now, Generation generation, out bool incomplete)
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
