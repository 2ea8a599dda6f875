using Unstale.Log;

namespace Unstale.Rules;

/// <summary>Statistics of the rules with one name. Retained when a rule is replaced by another rule with the same name.</summary>
/// <param name="rule">Name of the rules.</param>
internal sealed class RuleCounters(string rule)
{
    private long _executions;
    private long _lastExecution;
    private long _conditionFailures;
    private long _slowestCondition;
    private long _missingValues;
    private int _reportedOfMissing;

    /// <summary>Cause of the targets of the rules, with the number of entries removed because of them.</summary>
    public InvalidationCause Cause { get; } = new(rule);

    public long Executions => Interlocked.Read(ref _executions);

    public DateTimeOffset? LastExecution => Interlocked.Read(ref _lastExecution) is var ticks and > 0 ? new(ticks, TimeSpan.Zero) : null;

    public long ConditionFailures => Interlocked.Read(ref _conditionFailures);

    public TimeSpan SlowestCondition => new(Interlocked.Read(ref _slowestCondition));

    public long MissingValues => Interlocked.Read(ref _missingValues);

    public void Ran(DateTimeOffset now, int missing)
    {
        Interlocked.Increment(ref _executions);
        Raise(ref _lastExecution, now.UtcTicks);
        if (missing > 0)
            Interlocked.Add(ref _missingValues, missing);
    }

    /// <summary>Returns true only for the first call. Called when a value is missing.</summary>
    public bool MissedFirst() => Interlocked.Exchange(ref _reportedOfMissing, 1) == 0;

    public void ConditionFailed() => Interlocked.Increment(ref _conditionFailures);

    public void ConditionTook(TimeSpan time) => Raise(ref _slowestCondition, time.Ticks);

    private static void Raise(ref long place, long value)
    {
        var seen = Interlocked.Read(ref place);
        while (value > seen)
        {
            var found = Interlocked.CompareExchange(ref place, value, seen);
            if (found == seen)
                return;
            seen = found;
        }
    }
}
