using System.Diagnostics.CodeAnalysis;
using Unstale.Log;

namespace Unstale.Horizon;

/// <summary>
/// The cells of key marks, found by the bare key, so that a record that names a key makes no string. Needs the horizon's lock throughout.
/// </summary>
internal sealed class KeyCells
{
    private readonly Dictionary<string, TagCell> _cells = new(MarkComparer.Instance);
    private readonly Dictionary<string, TagCell>.AlternateLookup<ReadOnlySpan<char>> _cellsByKey;
    private readonly KeyStripes _stripes;
    private readonly PendingKeys _pending;
    private readonly PendingKeys? _except;

    /// <param name="stripes">Where a new cell starts.</param>
    /// <param name="pending">The invalidations that are on their way.</param>
    /// <param name="except">Those of them that do not raise these cells.</param>
    public KeyCells(KeyStripes stripes, PendingKeys pending, PendingKeys? except = null)
    {
        _stripes = stripes;
        _pending = pending;
        _except = except;
        _cellsByKey = _cells.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public int Count => _cells.Count;

    public bool TryFind(string key, [NotNullWhen(true)] out TagCell? cell)
    {
        cell = null;
        return _cells.Count > 0 && _cellsByKey.TryGetValue(key, out cell);
    }

    /// <summary>The cell of a mark. A new one knows what was invalidated, and what is on its way, before it was made.</summary>
    public TagCell FindOrAdd(string mark)
    {
        if (_cells.TryGetValue(mark, out var cell))
            return cell;
        var key = KeyMark.KeyOf(mark);
        cell = new TagCell(mark, _stripes.OfKey(key));
        if (_pending.Of(key) - (_except?.Of(key) ?? 0) is var pending and > 0)
            cell.Pend(pending);
        _cells.Add(mark, cell);
        return cell;
    }

    public void Remove(string mark) => _cells.Remove(mark);

    public void StandAt(long sequence)
    {
        foreach (var cell in _cells.Values)
            cell.StandAt(sequence);
    }

    /// <summary>Marks by themselves, or by the keys that they stand for.</summary>
    private sealed class MarkComparer : IEqualityComparer<string>, IAlternateEqualityComparer<ReadOnlySpan<char>, string>
    {
        public static MarkComparer Instance { get; } = new();

        public bool Equals(string? x, string? y) => string.Equals(x, y, StringComparison.Ordinal);

        public bool Equals(ReadOnlySpan<char> alternate, string other) => KeyMark.IsOf(other, alternate);

        public int GetHashCode(string obj) => (int)KeyHash.Of(KeyMark.KeyOf(obj));

        public int GetHashCode(ReadOnlySpan<char> alternate) => (int)KeyHash.Of(alternate);

        public string Create(ReadOnlySpan<char> alternate) => throw new NotSupportedException();
    }
}
