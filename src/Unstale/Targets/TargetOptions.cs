namespace Unstale.Targets;

/// <summary>How one target is told.</summary>
public sealed class TargetOptions
{
    /// <summary>How many records wait for it, 1 to 1,000,000; more become one "everything". Default: 1,024.</summary>
    public int QueueCapacity { get; set; } = 1024;

    /// <summary>
    /// Where the log is shared: whether the target is told everything when this node has found its place in the log, because it may hold
    /// what was invalidated before. Without it a target that outlives this process, and that other nodes tell too, is left as it is; while
    /// no node runs nobody tells it anything. Default: true.
    /// </summary>
    public bool EverythingAtStart { get; set; } = true;

    /// <summary>
    /// Takes a target that lacks <see cref="TargetAbilities.Everything"/>: what it cannot be told it keeps until it expires there. After a
    /// gap in the log, or when its queue was full, that may be anything. Default: false.
    /// </summary>
    public bool AcceptsPartial { get; set; }
}
