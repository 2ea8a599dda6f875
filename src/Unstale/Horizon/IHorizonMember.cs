namespace Unstale.Horizon;

/// <summary>One who keeps entries under a horizon.</summary>
internal interface IHorizonMember
{
    /// <summary>A key was invalidated, the horizon's lock is held: drops what is held under it, if its stamp is below.</summary>
    /// <returns>How many entries went.</returns>
    int Drop(string key, long below);

    /// <summary>Takes out all that was invalidated or has expired. Called without the lock.</summary>
    void Sweep(SweepBatch batch, long now);

    /// <summary>Shows the key of each entry that is true and has not expired, and all it carries, until it is told to stop. Called without the lock.</summary>
    /// <param name="now">The monotonic clock.</param>
    /// <param name="show">Returns false to stop.</param>
    /// <returns>False if it was told to stop.</returns>
    bool ShowTrue(long now, Func<string, string[], bool> show) => true;
}
