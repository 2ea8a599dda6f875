namespace Unstale.Horizon;

/// <summary>Counts the entries removed by a sweep for one invalidation.</summary>
internal interface ISweepTicket
{
    /// <summary>Task that completes when the pass for the invalidation has visited every cache.</summary>
    Task<long> Done { get; }

    bool IsFinished { get; }

    void Count();

    void Finish();
}
