namespace Unstale;

/// <summary>What happened to the source of truth.</summary>
public enum ChangeOperation
{
    /// <summary>Something that was there has other values now.</summary>
    Update,

    /// <summary>Something new is there.</summary>
    Create,

    /// <summary>Something is gone.</summary>
    Delete,
}
