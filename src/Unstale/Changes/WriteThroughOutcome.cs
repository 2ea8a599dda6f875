namespace Unstale;

/// <summary>Outcome of a write-through.</summary>
public enum WriteThroughOutcome
{
    /// <summary>The key was invalidated on all nodes, and the value is stored as of that record.</summary>
    Stored,

    /// <summary>This version or a newer one was written through before. Nothing was changed.</summary>
    Superseded,

    /// <summary>
    /// The key was invalidated on all nodes, and the value was not stored, because it may not be the newest or must not be stored. The next read loads the
    /// value.
    /// </summary>
    Invalidated,
}
