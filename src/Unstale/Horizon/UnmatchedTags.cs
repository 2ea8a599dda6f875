namespace Unstale.Horizon;

/// <summary>
/// Tags that this node invalidated while no entry, and no running load, of this node carried them: a misspelt tag, or values that only other nodes hold. All
/// members require the horizon's lock.
/// </summary>
internal sealed class UnmatchedTags
{
    private const int Kept = 32;

    private readonly string[] _newest = new string[Kept];

    /// <summary>Number of such invalidations.</summary>
    public long Count { get; private set; }

    public void Note(string tag)
    {
        _newest[Count % Kept] = tag;
        Count++;
    }

    /// <summary>Returns the different tags among the newest 32, newest first.</summary>
    public string[] Newest()
    {
        var newest = new List<string>();
        for (var i = Count - 1; i >= Math.Max(0, Count - Kept); i--)
        {
            var tag = _newest[i % Kept];
            if (!newest.Contains(tag))
                newest.Add(tag);
        }

        return [.. newest];
    }
}
