namespace Unstale.Store;

/// <summary>A value as callers get it, and as it is kept.</summary>
/// <param name="Value">The value that every caller gets: read back, or itself where one object may be shared.</param>
/// <param name="Payload">Its serialised form, where callers get copies or it goes into the second level; null where there is none.</param>
internal readonly record struct ValueCopy<T>(T Value, byte[]? Payload)
{
    /// <summary>It is larger than any value that is kept.</summary>
    public bool IsTooLarge { get; init; }

    /// <summary>Why it was not written, or not read back; null if it was, or need not be.</summary>
    public Exception? Failure { get; init; }

    /// <summary>It was not even written.</summary>
    public bool IsUnwritten { get; init; }

    /// <summary>False if it goes to its caller and nowhere else: its type may not be shared, and it was not read back.</summary>
    public bool MayBeGiven { get; init; }
}
