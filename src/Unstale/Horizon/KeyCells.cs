using System.Diagnostics.CodeAnalysis;
using Unstale.Values;

namespace Unstale.Horizon;

/// <summary>
/// Cells of key marks, indexed by the bare key, so that a record of a key allocates no string. All members require the horizon's lock.
/// </summary>
internal sealed class KeyCells
{
    private readonly Dictionary<string, TagCell> _cells = new(MarkComparer.Instance);
    private readonly Dictionary<string, TagCell>.AlternateLookup<ReadOnlySpan<char>> _cellsByKey;
    private readonly StripedSequences _stripes;
    private readonly PendingKeys _pending;
    private readonly PendingKeys? _except;

    /// <param name="stripes">Source of the initial sequence of a new cell.</param>
    /// <param name="pending">Pending invalidations.</param>
    /// <param name="except">Pending invalidations that do not raise these cells.</param>
    public KeyCells(StripedSequences stripes, PendingKeys pending, PendingKeys? except = null)
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

    /// <summary>Returns the cell of a mark. A new cell includes earlier invalidations of the key, and pending ones.</summary>
    public TagCell FindOrAdd(string mark)
    {
        if (_cells.TryGetValue(mark, out var cell))
            return cell;
        var key = DependencyTag.KeyOf(mark);
        cell = new TagCell(mark, _stripes.ForKey(key));
        if (_pending.CountOf(key) - (_except?.CountOf(key) ?? 0) is var pending and > 0)
            cell.AddPending(pending);
        _cells.Add(mark, cell);
        return cell;
    }

    public void Remove(string mark) => _cells.Remove(mark);

    public void ResetTo(long sequence)
    {
        foreach (var cell in _cells.Values)
            cell.ResetTo(sequence);
    }

    /// <summary>Compares marks with each other, or with bare keys.</summary>
    private sealed class MarkComparer : IEqualityComparer<string>, IAlternateEqualityComparer<ReadOnlySpan<char>, string>
    {
        public static MarkComparer Instance { get; } = new();

        public bool Equals(string? x, string? y) => string.Equals(x, y, StringComparison.Ordinal);

        public bool Equals(ReadOnlySpan<char> alternate, string other) => DependencyTag.IsOf(other, alternate);

        public int GetHashCode(string obj) => (int)KeyHash.Compute(DependencyTag.KeyOf(obj));

        public int GetHashCode(ReadOnlySpan<char> alternate) => (int)KeyHash.Compute(alternate);

        public string Create(ReadOnlySpan<char> alternate) => throw new NotSupportedException();
    }
}
