namespace Unstale;

/// <summary>Operation on a resource in the source of truth.</summary>
public enum ChangeOperation
{
    /// <summary>An existing resource was changed.</summary>
    Update,

    /// <summary>A resource was created.</summary>
    Create,

    /// <summary>A resource was deleted.</summary>
    Delete,
}
