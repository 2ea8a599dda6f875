namespace Unstale;

/// <summary>What became of a value that was written through.</summary>
public enum WriteThroughOutcome
{
    /// <summary>The key was invalidated everywhere, and the value is kept as of that record.</summary>
    Stored,

    /// <summary>This version or a newer one was written through before: nothing was changed.</summary>
    Superseded,

    /// <summary>
    /// The key was invalidated everywhere and the value is not kept, for nobody can say that it is the newest, or it may not be stored.
    /// The next read loads it.
    /// </summary>
    Invalidated,
}
