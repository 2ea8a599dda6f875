namespace Unstale.Loading;

/// <summary>Result of a load.</summary>
/// <param name="Value">Value for the caller that started the load.</param>
/// <param name="Payload">Serialised value, if callers receive copies or the second level stores the value.</param>
/// <param name="Stamp">Sequence as of which the value is true.</param>
/// <param name="Outcome">Source of the value.</param>
internal readonly record struct Loaded<T>(T Value, byte[]? Payload, long Stamp, CacheOutcome Outcome)
{
    /// <summary>Whether the value may be stored. If not, only the waiting callers receive the value.</summary>
    public bool IsKept { get; init; }

    /// <summary>Whether other callers may receive the value. If not, only the caller that started the load does.</summary>
    public bool MayBeGiven { get; init; } = true;

    /// <summary>Whether to remove the older value of the key from memory, because this newer value does not replace it there.</summary>
    public bool ReplacesHere { get; init; }

    /// <summary>Measured size of a value that its entry cannot measure, in bytes; 0 for all others.</summary>
    public long Size { get; init; }

    /// <summary>All names carried by the value; null if unchanged since the load began.</summary>
    public string[]? Carried { get; init; }
}
