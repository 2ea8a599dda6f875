namespace Unstale.Tests.Store;

/// <summary>SIEVE over a list, old to new, with a key as its hand.</summary>
internal sealed class NaiveSieve(int capacity)
{
    private readonly List<(string Key, bool IsVisited)> _queue = [];
    private string? _hand;

    public IEnumerable<string> Keys => _queue.Select(e => e.Key);

    public void Hit(string key)
    {
        if (IndexOf(key) is >= 0 and var i)
            _queue[i] = (key, true);
    }

    public void Remove(string key)
    {
        if (IndexOf(key) is >= 0 and var i)
            RemoveAt(i);
    }

    public void Put(string key)
    {
        Remove(key);
        if (_queue.Count == capacity)
            RemoveAt(Victim());
        _queue.Add((key, false));
    }

    private int Victim()
    {
        var hand = _hand is null ? 0 : IndexOf(_hand);
        while (_queue[hand].IsVisited)
        {
            _queue[hand] = (_queue[hand].Key, false);
            hand = (hand + 1) % _queue.Count;
        }

        _hand = _queue[hand].Key;
        return hand;
    }

    private void RemoveAt(int index)
    {
        if (_queue[index].Key == _hand)
            _hand = index + 1 < _queue.Count ? _queue[index + 1].Key : null;
        _queue.RemoveAt(index);
    }

    private int IndexOf(string key) => _queue.FindIndex(e => e.Key == key);
}
