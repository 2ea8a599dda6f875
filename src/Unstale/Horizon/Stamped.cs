namespace Unstale.Horizon;

/// <summary>What a horizon needs to know of an entry to say whether it is still true.</summary>
internal abstract class Stamped(string key, TagSet tags, long stamp, int epoch, int broadSeen)
{
    public readonly string Key = key;
    public readonly TagSet Tags = tags;

    /// <summary>The sequence it is true as of; never raised.</summary>
    public readonly long Stamp = stamp;
    public readonly int Epoch = epoch;

    /// <summary>
    /// The number of the newest broad record known not to match. Readers race to write it and each writes a number it has
    /// checked up to, so any of them may win.
    /// </summary>
    public int BroadSeen = broadSeen;
}
