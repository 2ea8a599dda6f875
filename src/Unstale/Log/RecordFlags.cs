using System.Text.Json.Serialization;

namespace Unstale.Log;

/// <summary>Effects of a record on the nodes that receive it, beyond marking its targets.</summary>
[Flags]
[JsonConverter(typeof(JsonStringEnumConverter<RecordFlags>))]
public enum RecordFlags
{
    /// <summary>No further effect.</summary>
    None = 0,

    /// <summary>Starts no sweep. Memory is reclaimed by the next read that meets an invalidated entry, or by the next regular pass.</summary>
    Lazy = 1,

    /// <summary>
    /// Serves an invalidated entry to one more read on a node, marked as stale, while the entry is loaded again. Applies to an entry with a
    /// <see cref="UnstaleEntryOptions.FreshFor"/> shorter than its expiration, and only if nothing but tags of such records invalidated the entry.
    /// Other targets of the record are not affected.
    /// </summary>
    ServeStaleOnce = 2,

    /// <summary>
    /// Of the values only declared to be computed from a key of the record, invalidates just the ones the record names. Values made from the key are
    /// invalidated as by any record.
    /// </summary>
    DirectDependents = 4,
}
