using System.Runtime.CompilerServices;

namespace Unstale.Rules;

/// <summary>What the rules of one name have done; it outlives a rule that is replaced by another of its name.</summary>
internal sealed class RuleTally
{
    private long _executions;
    private long _lastExecution;
    private long _conditionFailures;
    private long _slowestCondition;
    private long _missingValues;
    private int _toldOfMissing;

    /// <summary>Entries that were removed because of the rule: the sweep adds to it.</summary>
    public StrongBox<long> Entries { get; } = new();

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

    /// <summary>True once: the first time that a value was missing.</summary>
    public bool MissedFirst() => Interlocked.Exchange(ref _toldOfMissing, 1) == 0;

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
