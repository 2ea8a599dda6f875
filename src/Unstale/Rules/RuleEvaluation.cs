using Unstale.Log;

namespace Unstale.Rules;

/// <summary>Result of the rules for one change.</summary>
/// <param name="Invalidation">Names of the change itself, then the targets of each rule in order of execution.</param>
/// <param name="Runs">Rules that ran, in order. Other rules may have named all targets of a rule.</param>
/// <param name="Depth">Maximum level of relationships followed; 0 for none.</param>
internal readonly record struct RuleEvaluation(Invalidation Invalidation, RuleRun[] Runs, int Depth)
{
    /// <summary>Number of placeholders without a value.</summary>
    public int Missing
    {
        get
        {
            var missing = 0;
            foreach (var run in Runs)
                missing += run.Missing;
            return missing;
        }
    }
}

/// <param name="Rule">Rule that ran.</param>
/// <param name="Timing">Timing of the targets of the rule.</param>
/// <param name="Missing">Number of placeholders of the rule without a value.</param>
internal readonly record struct RuleRun(CompiledRule Rule, InvalidationTiming Timing, int Missing);
