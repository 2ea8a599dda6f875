using Unstale.Horizon;
using Unstale.Log;
using Unstale.Node;

namespace Unstale.Transactions;

/// <summary>Invalidates the targets collected by a scope. For each log, one raiser appends the records of all.</summary>
internal interface IScopeRaiser
{
    LogPartitions Log { get; }

    /// <summary>
    /// Appends records. The records are in force on this node when the call returns. The task completes when the log has the records, or has not accepted
    /// them in time.
    /// </summary>
    ValueTask<Operation> RaiseAsync(IReadOnlyList<Invalidation> records);

    /// <summary>Adds a delayed invalidation to the batch window.</summary>
    DeferredInvalidation InvalidateLater(Invalidation later);

    /// <summary>Repeats the invalidation once after the delay.</summary>
    void Repeat(Invalidation invalidation, TimeSpan after);

    /// <summary>Returns the exception required by the options if the log has not accepted the record; null if there is nothing to throw.</summary>
    InvalidationLogUnavailableException? AwayOf(InvalidationReceipt receipt);

    /// <summary>Reports that the records could not be appended, since possibly no caller awaits the failure.</summary>
    void CouldNotRaise(Exception exception);
}

/// <summary>One call, stored until the outcome of the unit of work is decided.</summary>
/// <param name="By">Raiser that received the call.</param>
/// <param name="Known">Targets by the rules in force at the call. The flow of the call no longer reads their entries from the cache.</param>
/// <param name="AtEnd">Returns the targets by the rules in force at the end of the unit of work, or none. Called once.</param>
internal sealed record ScopeItem(IScopeRaiser By, Invalidation Known, Func<Invalidation> AtEnd)
{
    /// <summary>Delay after which the call is repeated once. Zero: never.</summary>
    public TimeSpan ReplicationLag { get; init; }
}
