namespace Unstale.Redis.Channel;

/// <summary>What a message tells its hearers to do.</summary>
public enum MessageAction
{
    /// <summary>One entity is gone, or is to be forgotten.</summary>
    Delete,

    /// <summary>One entity has changed. Handled as <see cref="Delete"/>.</summary>
    Update,

    /// <summary>Several cache keys are to be forgotten.</summary>
    Batch,

    /// <summary>All cache keys that a pattern matches are to be forgotten.</summary>
    Pattern,
}
