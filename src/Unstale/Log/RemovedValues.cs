namespace Unstale.Log;

/// <summary>State of the removal of the values in the second level that the selectors of a record invalidated.</summary>
/// <param name="IsFinal">Whether the removal has ended.</param>
/// <param name="Count">Number of values removed; null if the log does not have the number.</param>
internal readonly record struct RemovedValues(bool IsFinal, long? Count)
{
    /// <summary>The removal goes on.</summary>
    public static RemovedValues Running => default;

    /// <summary>The removal has ended, and the log does not have the number.</summary>
    public static RemovedValues Unknown => new(true, null);

    /// <summary>There was nothing to remove.</summary>
    public static RemovedValues None => new(true, 0);
}
