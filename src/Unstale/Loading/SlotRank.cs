namespace Unstale.Loading;

/// <summary>
/// Rank of the limit to which a slot belongs. A load waits for a slot only while no load that awaits it has a slot of the same or a higher rank. Loads with a slot therefore
/// wait only for slots of higher ranks, and never for each other in a circle.
/// </summary>
internal enum SlotRank
{
    /// <summary>No slot.</summary>
    None,

    /// <summary>Limit of the cache.</summary>
    Cache,

    /// <summary>Limit of a key prefix.</summary>
    Prefix,

    /// <summary>Limit while the node is not trusted, after a reset, and past the cache.</summary>
    Untrusted,
}
