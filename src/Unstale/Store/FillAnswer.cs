namespace Unstale.Store;

/// <summary>What a fill tells those who joined it.</summary>
/// <param name="StartAgain">They came after something that concerns the value was invalidated: it is not for them.</param>
/// <param name="Value">The value, where it may be shared.</param>
/// <param name="Payload">Its serialised form, where each caller gets a copy.</param>
internal readonly record struct FillAnswer<T>(bool StartAgain, T Value, byte[]? Payload)
{
    /// <summary>Where the value came from, for those who joined.</summary>
    public CacheOutcome Outcome { get; init; }

    /// <summary>It was made of a value that nobody confirms.</summary>
    public bool IsTainted { get; init; }

    /// <summary>What the value carries: tags, and marks of the keys it was made from.</summary>
    public string[]? Carried { get; init; }

    /// <summary>Only the caller of the load may have the value: each of the others loads one of its own.</summary>
    public bool LoadsAlone { get; init; }

    public static FillAnswer<T> Again => new(StartAgain: true, default!, null);
}
