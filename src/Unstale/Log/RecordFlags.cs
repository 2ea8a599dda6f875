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

    /// <summary>
    /// Of the values that were only declared to be computed from a key of the record, those alone are taken that the record names. Values that were
    /// made from the key are taken as by any record.
    /// </summary>
    DirectDependents = 4,
}
