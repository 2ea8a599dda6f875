using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Unstale.Benchmarks.InProcess.Inserts;

/// <summary>Minimum work of an insert: look three tags up, create the entry, add it to a dictionary.</summary>
internal sealed class BareInserts(IReadOnlyList<string> tags)
{
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Cell> _cells = new(tags.Select(tag => KeyValuePair.Create(tag, new Cell())), StringComparer.Ordinal);
    private long _now;

    public int Count => _entries.Count;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Run(string[] keys, string[][] tagsOfKeys)
    {
        for (var index = 0; index < keys.Length; index++)
        {
            var key = keys[index];
            _entries.TryAdd(key, new Entry(key, Keys.Value, CellsOf(tagsOfKeys[index]), ++_now));
        }
    }

    private Cell[] CellsOf(string[] names)
    {
        var cells = new Cell[names.Length];
        for (var index = 0; index < names.Length; index++)
            cells[index] = _cells[names[index]];
        return cells;
    }

    private sealed class Cell
    {
        public long Sequence { get; set; }
    }

    private sealed class Entry(string key, object value, Cell[] tags, long now)
    {
        public string Key { get; } = key;

        public object Value { get; } = value;

        public Cell[] Tags { get; } = tags;

        public long Stamp { get; } = now;

        public long FreshUntil { get; } = now + 1;

        public long ExpiresAt { get; } = now + 2;

        public int Epoch { get; } = 1;

        public int SelectorSeen { get; set; } = 1;

        public bool Visited { get; set; }
    }
}
