namespace Unstale;

/// <summary>A value and where it came from.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
/// <param name="Value">The value.</param>
/// <param name="Outcome">Where it came from.</param>
public readonly record struct CacheResult<T>(T Value, CacheOutcome Outcome)
{
    /// <summary>False if no level holds a value and the source was not asked.</summary>
    public bool IsFound => Outcome != CacheOutcome.None;
}
