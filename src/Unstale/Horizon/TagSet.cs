namespace Unstale.Horizon;

/// <summary>
/// Tags of an entry. Entries with the same tags share one instance. The set of a single tag is the <see cref="TagCell"/> itself, because most tags
/// that belong to one entry are the only tag of the entry.
/// </summary>
internal abstract class TagSet
{
    /// <summary>Set without tags.</summary>
    public static TagSet Empty { get; } = new TagList([], []);

    /// <summary>Number of entries and loads that hold the set.</summary>
    public int Holders { get; set; }

    /// <summary>Memory retained by the set, without the cells of a list, in bytes.</summary>
    public abstract long Size { get; }

    public TagCells Cells => new(this);

    /// <summary>Tags of the set, in the order of <see cref="Cells"/>.</summary>
    public abstract ReadOnlySpan<string> Names { get; }

    /// <summary>Tags of the set as an array, which must not be changed. Allocated by each call for a set of a single tag.</summary>
    public abstract string[] Tags { get; }

    /// <summary>True if the other set has every tag of this set.</summary>
    public bool IsWithin(TagSet other)
    {
        if (this == other)
            return true;
        foreach (var cell in Cells)
        {
            if (!other.Cells.Contains(cell))
                return false;
        }

        return true;
    }
}
