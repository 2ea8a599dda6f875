using Unstale.Horizon;
using Unstale.Log;
using Unstale.Node;
using Unstale.Rules;

namespace Unstale;

/// <summary>Raises what a scope has collected. What those of one log have collected is raised by one of them.</summary>
internal interface IScopeRaiser
{
    LogPartitions Log { get; }

    /// <summary>In force here when the call returns; ends when the log has it, or has not taken it in time.</summary>
    ValueTask<Operation> RaiseAsync(List<Invalidation> records);

    /// <summary>Puts into the window what waits for its end.</summary>
    Batch Schedule(Invalidation later);

    /// <summary>Raises it once more after this time.</summary>
    void Repeat(Invalidation invalidation, TimeSpan after);

    /// <summary>What the options want thrown where the log has not taken it; null if there is nothing to throw.</summary>
    LogAwayException? AwayOf(InvalidationReceipt receipt);

    /// <summary>It could not be raised, and perhaps nobody waits to be told.</summary>
    void CouldNotRaise(Exception exception);
}

/// <summary>One call, kept until it is known whether it is to count.</summary>
/// <param name="By">Who was called.</param>
/// <param name="Held">What the flow of the call no longer reads from the cache.</param>
/// <param name="Records">What it is, by the rules of the moment in which it counts. Asked once.</param>
internal sealed record ScopeItem(IScopeRaiser By, InvalidationTarget[] Held, Func<ChangeRecords> Records)
{
    /// <summary>After which time it is to be raised once more; zero: never.</summary>
    public TimeSpan RepeatAfter { get; init; }
}
