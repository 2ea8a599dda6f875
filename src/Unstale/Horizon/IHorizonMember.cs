namespace Unstale.Horizon;

/// <summary>One who keeps entries under a horizon.</summary>
internal interface IHorizonMember
{
    /// <summary>A key was invalidated, the horizon's lock is held: drops what is held under it, if its stamp is below.</summary>
    /// <returns>How many entries went.</returns>
    int Drop(string key, long below);

    /// <summary>Takes out all that was invalidated or has expired. Called without the lock.</summary>
    void Sweep(SweepBatch batch, long now);
}
