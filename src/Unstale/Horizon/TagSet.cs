namespace Unstale.Horizon;

/// <summary>The tags of an entry; entries with the same tags share one.</summary>
internal sealed class TagSet(TagCell[] cells, string[] tags)
{
    /// <summary>No tags.</summary>
    public static TagSet Empty { get; } = new([], []);

    public readonly TagCell[] Cells = cells;

    public string[] Tags => tags;

    /// <summary>How many entries and fills hold the set.</summary>
    public int Holders { get; set; }

    /// <summary>True if the other set has each of these tags.</summary>
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
