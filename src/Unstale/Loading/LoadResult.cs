using Unstale.Horizon;

namespace Unstale.Loading;

/// <summary>Result of a load for the callers that joined.</summary>
/// <param name="StartAgain">Whether the callers must start again, having joined after an invalidation that concerns the value.</param>
/// <param name="Value">Value, if it may be shared.</param>
/// <param name="Payload">Serialised value, if each caller receives a copy.</param>
internal readonly record struct LoadResult<T>(bool StartAgain, T Value, byte[]? Payload)
{
    /// <summary>Source of the value, as reported to the callers that joined.</summary>
    public CacheOutcome Outcome { get; init; }

    /// <summary>Whether the value was made from an unconfirmed value.</summary>
    public bool IsTainted { get; init; }

    /// <summary>Names carried by the value: tags, and marks of the keys used to make the value.</summary>
    public TagSet Carried { get; init; } = TagSet.Empty;

    /// <summary>Whether only the caller of the load may have the value. Each of the other callers runs a load of its own.</summary>
    public bool LoadsAlone { get; init; }

    public static LoadResult<T> Again => new(StartAgain: true, default!, null);
}
