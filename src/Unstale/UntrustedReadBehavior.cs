namespace Unstale;

/// <summary>
/// Result of a read while the node is not trusted, that is, after the log has not confirmed the node for <see cref="InvalidationLogOptions.StalenessBound"/>.
/// </summary>
public enum UntrustedReadBehavior
{
    /// <summary>
    /// The read loads from the source, without storing the value. <see cref="UnstaleOptions.MaximumUntrustedLoads"/> limits the number of concurrent loads.
    /// </summary>
    FromSource,

    /// <summary>
    /// For <see cref="UnstaleOptions.ServeUntrustedFor"/> after the bound, the read returns the value in memory, marked
    /// <see cref="CacheOutcome.Untrusted"/>, if the value has not expired and no invalidation of it has been received. After this time the read loads
    /// from the source. A value loaded from untrusted values is not stored.
    /// </summary>
    Serve,

    /// <summary>The read throws a <see cref="NotTrustedException"/>. Reads from memory only, such as <c>TryGet</c>, find nothing.</summary>
    Throw,
}

/// <summary>Action taken when the log does not accept an invalidation within <see cref="InvalidationLogOptions.AppendTimeout"/>.</summary>
public enum LogUnavailableBehavior
{
    /// <summary>
    /// The call returns a receipt with the state <see cref="ReceiptState.Queued"/>. The invalidation is in effect on this node and is queued until
    /// the log accepts it.
    /// </summary>
    Queue,

    /// <summary>The call throws a <see cref="InvalidationLogUnavailableException"/>. The invalidation is nevertheless in effect on this node and queued.</summary>
    Throw,
}
