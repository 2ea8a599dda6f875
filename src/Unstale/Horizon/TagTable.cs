using System.Diagnostics.CodeAnalysis;
using Unstale.Values;

namespace Unstale.Horizon;

/// <summary>Tag cells and tag sets in use. Both are counted and removed at zero. A set of a single tag is the cell of the tag. All members require the horizon's lock.</summary>
internal sealed class TagTable
{
    private readonly HashSet<TagCell> _cells = new(CellComparer.Instance);
    private readonly HashSet<TagCell>.AlternateLookup<ReadOnlySpan<char>> _cellsByTag;
    private readonly HashSet<TagSet> _sets = new(SetComparer.Instance);
    private readonly HashSet<TagSet>.AlternateLookup<ReadOnlySpan<string>> _setsByTags;
    private readonly StripedSequences _stripes;

    /// <param name="stripes">Source of the initial sequence of a new cell.</param>
    /// <param name="pending">Pending invalidations.</param>
    /// <param name="directlyPending">Pending invalidations of records that invalidate only the declared dependents that they name.</param>
    /// <param name="predicates">Cells of the predicates on which a stored value depends.</param>
    public TagTable(StripedSequences stripes, PendingKeys pending, PendingKeys directlyPending, PredicateTable predicates)
    {
        Predicates = predicates;
        _stripes = stripes;
        Keys = new KeyCells(stripes, pending);
        Declared = new KeyCells(stripes, pending, directlyPending);
        _cellsByTag = _cells.GetAlternateLookup<ReadOnlySpan<char>>();
        _setsByTags = _sets.GetAlternateLookup<ReadOnlySpan<string>>();
    }

    /// <summary>Memory retained by the cells and sets, in bytes.</summary>
    public long Bytes { get; private set; }

    public int Count => _cells.Count + Keys.Count + Declared.Count + Predicates.Count;

    /// <summary>Whether a mark of a key, or of any record, was ever held. Stays true: a reader may still have the entry whose mark was released.</summary>
    public bool HasHeldMarks { get; private set; }

    /// <summary>Cells of keys from whose entries a stored value was made.</summary>
    public KeyCells Keys { get; }

    /// <summary>Cells of keys from which a stored value is declared to be computed.</summary>
    public KeyCells Declared { get; }

    /// <summary>Cells of the predicates on which a stored value depends.</summary>
    public PredicateTable Predicates { get; }

    /// <summary>
    /// Cell of <see cref="DependencyTag.AnyRecord"/>. Raised by every record, held or not, so that its sequence is right when the cell is held.
    /// </summary>
    public TagCell AnyRecord { get; } = new(DependencyTag.AnyRecord, sequence: 0);

    public bool TryFind(string tag, [NotNullWhen(true)] out TagCell? cell) => _cellsByTag.TryGetValue(tag, out cell);

    /// <summary>Returns the set of the tags, and increments its holders.</summary>
    public TagSet Hold(ReadOnlySpan<string> tags)
    {
        if (tags.IsEmpty)
            return TagSet.Empty;
        if (tags.Length == 1)
            return HoldCell(tags[0]);
        if (!_setsByTags.TryGetValue(tags, out var set))
        {
            var names = tags.ToArray();
            var cells = new TagCell[names.Length];
            var isReplaced = false;
            for (var i = 0; i < cells.Length; i++)
            {
                cells[i] = HoldCell(names[i]);
                isReplaced |= !string.Equals(names[i], cells[i].Tag, StringComparison.Ordinal);
                names[i] = cells[i].Tag; // one string per name, shared by all sets
            }

            // A predicate may be replaced by its table, and the set of the replaced names may exist.
            if (isReplaced && _setsByTags.TryGetValue(names, out set))
            {
                foreach (var cell in cells)
                    ReleaseCell(cell);
                set.Holders++;
                return set;
            }

            set = new TagList(cells, names);
            _sets.Add(set);
            Bytes += set.Size;
        }

        set.Holders++;
        return set;
    }

    public void Release(TagSet set)
    {
        if (set is TagCell single)
        {
            ReleaseCell(single);
            return;
        }

        if (set == TagSet.Empty || --set.Holders > 0)
            return;
        _sets.Remove(set);
        Bytes -= set.Size;
        foreach (var cell in set.Cells)
            ReleaseCell(cell);
    }

    /// <summary>
    /// Returns the cell of a tag or a mark, and increments its holders. A new cell starts at the sequence of the tag's stripe, because the tag may
    /// have been invalidated before.
    /// </summary>
    public TagCell HoldCell(string tag)
    {
        TagCell? cell;
        HasHeldMarks |= DependencyTag.Is(tag);
        if (string.Equals(tag, DependencyTag.AnyRecord, StringComparison.Ordinal))
            cell = AnyRecord;
        else if (DependencyTag.IsPredicate(tag))
            cell = Predicates.FindOrAdd(tag) ?? AnyRecord;
        else if (DependencyTag.IsDeclared(tag))
            cell = Declared.FindOrAdd(tag);
        else if (DependencyTag.Is(tag))
            cell = Keys.FindOrAdd(tag);
        else if (!_cellsByTag.TryGetValue(tag, out cell))
            _cells.Add(cell = new TagCell(tag, _stripes.ForTag(tag)));
        if (cell.Holders++ == 0 && cell != AnyRecord)
            Bytes += cell.Size;
        return cell;
    }

    public void ReleaseCell(TagCell cell)
    {
        if (--cell.Holders > 0)
            return;
        if (cell == AnyRecord)
            return; // raised by every record, held or not
        if (DependencyTag.IsPredicate(cell.Tag))
            Predicates.Remove(cell.Tag);
        else if (DependencyTag.IsDeclared(cell.Tag))
            Declared.Remove(cell.Tag);
        else if (DependencyTag.Is(cell.Tag))
            Keys.Remove(cell.Tag);
        else
            _cells.Remove(cell);
        Bytes -= cell.Size;
        cell.Retire();
    }

    public void ResetTo(long sequence)
    {
        foreach (var cell in _cells)
            cell.ResetTo(sequence);
        Keys.ResetTo(sequence);
        Declared.ResetTo(sequence);
        Predicates.ResetTo(sequence);
        AnyRecord.ResetTo(sequence);
    }

    private sealed class CellComparer : IEqualityComparer<TagCell>, IAlternateEqualityComparer<ReadOnlySpan<char>, TagCell>
    {
        public static CellComparer Instance { get; } = new();

        public bool Equals(TagCell? x, TagCell? y) => ReferenceEquals(x, y);

        public bool Equals(ReadOnlySpan<char> alternate, TagCell other) => alternate.SequenceEqual(other.Tag);

        public int GetHashCode(TagCell obj) => (int)KeyHash.Compute(obj.Tag);

        public int GetHashCode(ReadOnlySpan<char> alternate) => (int)KeyHash.Compute(alternate);

        public TagCell Create(ReadOnlySpan<char> alternate) => throw new NotSupportedException();
    }

    private sealed class SetComparer : IEqualityComparer<TagSet>, IAlternateEqualityComparer<ReadOnlySpan<string>, TagSet>
    {
        public static SetComparer Instance { get; } = new();

        public bool Equals(TagSet? x, TagSet? y) => ReferenceEquals(x, y) || (x is not null && y is not null && Equals(x.Names, y));

        public bool Equals(ReadOnlySpan<string> alternate, TagSet other) => alternate.SequenceEqual(other.Names);

        public int GetHashCode(TagSet obj) => GetHashCode(obj.Names);

        public int GetHashCode(ReadOnlySpan<string> alternate)
        {
            var hash = (uint)alternate.Length;
            foreach (var tag in alternate)
                hash = (hash * 31) + KeyHash.Compute(tag);
            return (int)hash;
        }

        public TagSet Create(ReadOnlySpan<string> alternate) => throw new NotSupportedException();
    }
}
