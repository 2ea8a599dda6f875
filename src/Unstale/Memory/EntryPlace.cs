namespace Unstale.Memory;

/// <summary>Place of an entry in the store. Written under the horizon's lock.</summary>
internal enum EntryPlace : byte
{
    /// <summary>Not yet stored.</summary>
    None,

    /// <summary>In the small queue of <see cref="EvictionQueues"/>.</summary>
    Small,

    /// <summary>In the main queue of <see cref="EvictionQueues"/>.</summary>
    Main,

    /// <summary>In the queue of low priority, evicted first.</summary>
    Low,

    /// <summary>In the queue of high priority, evicted after all entries of lower priority.</summary>
    High,

    /// <summary>In the queue of entries that are not evicted.</summary>
    Pinned,

    /// <summary>No longer stored.</summary>
    Removed,
}
