namespace Unstale.Horizon;

/// <summary>Cells of a tag set, without an array for a set of a single tag.</summary>
internal readonly struct TagCells(TagSet set)
{
    private readonly TagCell? _single = set as TagCell;
    private readonly TagCell[] _items = (set as TagList)?.Items ?? [];

    public int Length => _single is null ? _items.Length : 1;

    public TagCell this[int index] => _single ?? _items[index];

    public bool Contains(TagCell cell) => _single is null ? Array.IndexOf(_items, cell) >= 0 : _single == cell;

    public Enumerator GetEnumerator() => new(this);

    public struct Enumerator(TagCells cells)
    {
        private readonly TagCells _cells = cells;
        private readonly int _length = cells.Length;
        private int _index = -1;

        public readonly TagCell Current => _cells[_index];

        public bool MoveNext() => ++_index < _length;
    }
}
