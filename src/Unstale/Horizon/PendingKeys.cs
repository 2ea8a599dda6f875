using System.Runtime.InteropServices;

namespace Unstale.Horizon;

/// <summary>Number of pending invalidations per key. All members require the horizon's lock.</summary>
internal sealed class PendingKeys
{
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _countsByText;

    public PendingKeys() => _countsByText = _counts.GetAlternateLookup<ReadOnlySpan<char>>();

    public bool Contains(string key) => _counts.ContainsKey(key);

    public int CountOf(ReadOnlySpan<char> key) => _counts.Count == 0 ? 0 : _countsByText.TryGetValue(key, out var count) ? count : 0;

    public void Add(string key) => CollectionsMarshal.GetValueRefOrAddDefault(_counts, key, out _)++;

    public void Remove(string key)
    {
        ref var count = ref CollectionsMarshal.GetValueRefOrNullRef(_counts, key);
        if (--count == 0)
            _counts.Remove(key);
    }
}
