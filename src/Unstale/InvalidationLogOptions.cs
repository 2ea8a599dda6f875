namespace Unstale;

/// <summary>
/// Options of one invalidation log on this node, shared by all caches whose <see cref="UnstaleOptions.Log"/> names the log. Set with
/// <c>AddInvalidationLog</c>. Validated when the host starts.
/// </summary>
public sealed class InvalidationLogOptions
{
    /// <summary>
    /// Time for which a node continues to serve its entries without a confirmation by a log that several processes share, 100 ms to 1 day. Default: 5
    /// seconds.
    /// </summary>
    public TimeSpan StalenessBound { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Action taken when an invalidation cannot reach the log. Default: <see cref="LogUnavailableBehavior.Queue"/>.</summary>
    public LogUnavailableBehavior WhenUnavailable { get; set; }

    /// <summary>
    /// Maximum number of invalidations queued while the log is unavailable, 1 to 10,000,000. On overflow, a single invalidation of everything
    /// replaces the queue. Default: 65,536.
    /// </summary>
    public int QueueCapacity { get; set; } = 65_536;

    /// <summary>
    /// Maximum time a call waits for the log to accept an invalidation, 1 ms to 1 hour. The invalidation is in effect on this node from the start of
    /// the call. Default: 1 second.
    /// </summary>
    public TimeSpan AppendTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Maximum time for which shutdown waits for the log to accept queued invalidations, zero to 1 hour. Invalidations not accepted by then are lost.
    /// Default: 5 seconds.
    /// </summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Maximum time, zero to 1 day, for which a deposed server may continue to respond to nodes that have not discovered its successor.
    /// <see cref="InvalidationReceipt.WaitForAllNodesAsync"/> adds this time to its wait for nodes that do not report. Zero is correct for a single
    /// server. With replicas, set it to the time after which a master without replicas refuses writes (<c>min-replicas-max-lag</c> or
    /// <c>cluster-node-timeout</c>). Default: zero.
    /// </summary>
    public TimeSpan FailoverGracePeriod { get; set; }

    /// <summary>Number of log records retained in memory for <see cref="UnstaleCache.ExplainAsync"/>, 0 (none) to 100,000. Default: 1,024.</summary>
    public int RecentRecords { get; set; } = 1024;

    /// <summary>
    /// Secret with which texts, GUIDs and bytes of changed rows are hashed, so that nobody who reads the log can guess them. Must be equal on all nodes: with
    /// another key, a node cannot compare such values, and a change invalidates more than it must. Numbers, dates and times are in clear. Default: null (a
    /// hash without a key).
    /// </summary>
    public string? ColumnHashKey { get; set; }

    /// <summary>Copies the options, so that later changes do not affect a log whose options have been validated.</summary>
    internal InvalidationLogOptions Copy() => (InvalidationLogOptions)MemberwiseClone();
}
