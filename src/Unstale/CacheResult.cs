namespace Unstale;

/// <summary>Value of a read and its source.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
/// <param name="Value">Value of the entry.</param>
/// <param name="Outcome">Source of the value.</param>
public readonly record struct CacheResult<T>(T Value, CacheOutcome Outcome)
{
    /// <summary>Whether a value was found. False if no level has a value and the call does not load from the source.</summary>
    public bool IsFound => Outcome != CacheOutcome.None;
}
