namespace Unstale.Sinks;

/// <summary>Options of one sink.</summary>
public sealed class SinkOptions
{
    /// <summary>Maximum number of records queued for the sink, 1 to 1,000,000. Further records are replaced by one "everything". Default: 1,024.</summary>
    public int QueueCapacity { get; set; } = 1024;

    /// <summary>
    /// Whether the sink receives "everything" when this node has found its position in a shared log, because the sink may hold entries that were
    /// invalidated before. If false, a sink that outlives this process, and that other nodes invalidate too, is left unchanged at the start. While no
    /// node runs, the sink receives no invalidations. Default: true.
    /// </summary>
    public bool EverythingAtStart { get; set; } = true;

    /// <summary>
    /// Whether a sink without <see cref="SinkCapabilities.Everything"/> is accepted. Entries that the sink cannot remove remain there until they
    /// expire. After a gap in the log, or when the queue was full, any entry may be affected. Default: false.
    /// </summary>
    public bool AcceptsPartial { get; set; }
}
