namespace Unstale.Store;

/// <summary>What a load has brought.</summary>
/// <param name="Value">The value, for the caller who started it.</param>
/// <param name="Payload">Its serialised form, where callers get copies or it goes into the second level.</param>
/// <param name="Stamp">The sequence it is true as of.</param>
/// <param name="Outcome">Where it came from.</param>
internal readonly record struct Loaded<T>(T Value, byte[]? Payload, long Stamp, CacheOutcome Outcome)
{
    /// <summary>False if it goes to those who wait and nowhere else.</summary>
    public bool IsKept { get; init; }

    /// <summary>False if it goes to the caller who started the load and nowhere else.</summary>
    public bool MayBeGiven { get; init; } = true;

    /// <summary>The older value of the key is taken out of memory, because this newer one does not take its place there.</summary>
    public bool ReplacesHere { get; init; }

    /// <summary>All that the value carries; null if that is what was known when the load began.</summary>
    public string[]? Carried { get; init; }
}
