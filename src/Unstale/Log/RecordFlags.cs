namespace Unstale.Log;

/// <summary>What a record asks of the nodes that hear it, beyond marking what it names.</summary>
[Flags]
public enum RecordFlags
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>No sweep is started for it: memory is reclaimed by the next read that meets an entry it took, or by the next pass that comes anyway.</summary>
    Lazy = 1,

    /// <summary>
    /// An entry that only tags of such records took, and that has a <see cref="UnstaleEntryOptions.FreshFor"/> before its expiration, is
    /// given to one more read of a node, marked as stale, while it is loaded anew. What the record names beside tags is not touched by it.
    /// </summary>
    ServeStaleOnce = 2,
}
