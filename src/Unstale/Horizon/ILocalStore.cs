namespace Unstale.Horizon;

/// <summary>Store of entries under a horizon.</summary>
internal interface ILocalStore
{
    /// <summary>Number of stored entries.</summary>
    int Count => 0;

    /// <summary>Removes the entries of an invalidated key with a stamp below the given sequence. Called with the horizon's lock held.</summary>
    /// <returns>Number of removed entries.</returns>
    int Drop(string key, long below);

    /// <summary>Removes all invalidated and all expired entries. Called without the lock.</summary>
    void Sweep(SweepQueue batch, long now);

    /// <summary>
    /// Passes the key, the tags and the marks of each valid and unexpired entry to a callback, until the callback returns false. Called without the
    /// lock.
    /// </summary>
    /// <param name="now">Current monotonic time, in milliseconds.</param>
    /// <param name="show">Callback for each entry. Returns false to stop.</param>
    /// <returns>False if the callback stopped the enumeration.</returns>
    bool VisitValid(long now, Func<string, string[], bool> show) => true;
}
