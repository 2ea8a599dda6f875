namespace Unstale.Benchmarks.InProcess.Eviction;

internal sealed class ExactLru(int capacity) : ITracedCache
{
    private readonly Dictionary<int, LinkedListNode<int>> _nodes = [];
    private readonly LinkedList<int> _order = new();

    public int Held => _nodes.Count;

    public bool Read(int key)
    {
        if (_nodes.TryGetValue(key, out var node))
        {
            _order.Remove(node);
            _order.AddLast(node);
            return true;
        }

        if (_nodes.Count == capacity)
        {
            _nodes.Remove(_order.First!.Value);
            _order.RemoveFirst();
        }

        _nodes[key] = _order.AddLast(key);
        return false;
    }

    public void Dispose() => _order.Clear();
}
