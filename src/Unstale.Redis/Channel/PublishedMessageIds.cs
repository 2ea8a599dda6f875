namespace Unstale.Redis.Channel;

/// <summary>Ids of the newest 65,536 messages published by this process, to recognise those messages on receipt.</summary>
internal sealed class PublishedMessageIds
{
    private const int Kept = 65_536;

    private readonly Lock _gate = new();
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = [];

    public void Add(string id)
    {
        lock (_gate)
        {
            if (!_ids.Add(id))
                return;

            _order.Enqueue(id);
            if (_order.Count > Kept)
                _ids.Remove(_order.Dequeue());
        }
    }

    public bool Contains(string id)
    {
        lock (_gate)
            return _ids.Contains(id);
    }
}
