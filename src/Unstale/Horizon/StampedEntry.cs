namespace Unstale.Horizon;

/// <summary>Data of an entry by which a horizon decides whether the entry is still valid.</summary>
internal abstract class StampedEntry(string key, TagSet tags, long stamp, int epoch, int selectorSeen)
{
    public readonly string Key = key;
    public readonly TagSet Tags = tags;

    /// <summary>Sequence as of which the entry is valid. Never raised.</summary>
    public readonly long Stamp = stamp;
    public readonly int Epoch = epoch;

    /// <summary>
    /// Number of the newest selector verified not to match. Readers race to write the number; each writes one up to which it has checked, so any of
    /// them may win.
    /// </summary>
    public int SelectorsSeen = selectorSeen;

    /// <summary>
    /// Revision of the horizon at which the entry was last found valid; 0 before the first check. Racing readers each write a revision read before
    /// their checks, so any of them may win.
    /// </summary>
    public long VerifiedAt;
}
