namespace Unstale.Memory;

/// <summary>Value in the forms returned to callers and stored.</summary>
/// <param name="Value">Value for every caller: read back, or the original if one object may be shared.</param>
/// <param name="Payload">Serialised value, if callers receive copies or the second level stores the value; otherwise null.</param>
internal readonly record struct ValueCopy<T>(T Value, byte[]? Payload)
{
    /// <summary>Whether the value is larger than the maximum for stored values, or of unknown size.</summary>
    public bool IsTooLarge { get; init; }

    /// <summary>Measured size of a value that its entry cannot measure, in bytes; 0 for all others.</summary>
    public long Size { get; init; }

    /// <summary>Reason why the value was not written or not read back; null if both succeeded or were not needed.</summary>
    public Exception? Failure { get; init; }

    /// <summary>Whether writing the value failed.</summary>
    public bool IsUnwritten { get; init; }

    /// <summary>
    /// Whether other callers may receive the value. False if the type may not be shared and the value was not read back; then only the original
    /// caller does.
    /// </summary>
    public bool MayBeGiven { get; init; }
}
