namespace Unstale.Redis.Channel;

/// <summary>Action that a message requests from its receivers.</summary>
public enum MessageAction
{
    /// <summary>One entity was deleted, or must be invalidated.</summary>
    Delete,

    /// <summary>One entity has changed. Handled as <see cref="Delete"/>.</summary>
    Update,

    /// <summary>Several cache keys must be invalidated.</summary>
    Batch,

    /// <summary>All cache keys that match a pattern must be invalidated.</summary>
    Pattern,
}
