namespace Shop.Load;

/// <summary>Write that has returned: the price in cents, the node, and the time of the response.</summary>
internal readonly record struct Write(long Cents, int Server, long At);

/// <summary>Writes of one product by its one writer. Each price is one cent above the previous one.</summary>
internal sealed class ProductHistory(long cents)
{
    private readonly Lock _lock = new();
    private readonly List<Write> _returned = [];
    private long _begun = cents;

    public long Begin()
    {
        lock (_lock)
            return ++_begun;
    }

    public void Returned(Write write)
    {
        lock (_lock)
            _returned.Add(write);
    }

    /// <summary>
    /// Returns, for each node, the oldest write that had returned when the read began and that the read did not show. A price that was never written
    /// shows no write.
    /// </summary>
    public IReadOnlyList<Write> Missed(long seen, long began, int servers)
    {
        lock (_lock)
        {
            if (_returned is [] || _returned[^1].Cents <= seen && seen <= _begun)
                return [];

            var missed = new List<Write>();
            for (var i = seen > _begun ? 0 : FirstAbove(seen); i < _returned.Count && _returned[i].At <= began && missed.Count < servers; i++)
            {
                if (!missed.Exists(write => write.Server == _returned[i].Server))
                    missed.Add(_returned[i]);
            }

            return missed;
        }
    }

    private int FirstAbove(long seen)
    {
        var (low, high) = (0, _returned.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _returned[middle].Cents > seen ? (low, middle) : (middle + 1, high);
        }

        return low;
    }
}
