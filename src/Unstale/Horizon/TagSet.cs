namespace Unstale.Horizon;

/// <summary>Tags of an entry. Entries with the same tags share one instance.</summary>
internal sealed class TagSet(TagCell[] cells, string[] tags)
{
    /// <summary>Set without tags.</summary>
    public static TagSet Empty { get; } = new([], []);

    public readonly TagCell[] Cells = cells;

    public string[] Tags => tags;

    /// <summary>Number of entries and loads that hold the set.</summary>
    public int Holders { get; set; }

    /// <summary>True if the other set has every tag of this set.</summary>
    public bool IsWithin(TagSet other)
    {
        if (this == other)
            return true;
        foreach (var cell in Cells)
        {
            if (Array.IndexOf(other.Cells, cell) < 0)
                return false;
        }

        return true;
    }
}
