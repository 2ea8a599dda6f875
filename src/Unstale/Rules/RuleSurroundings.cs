namespace Unstale.Rules;

/// <summary>What rules need of the node they run on.</summary>
/// <param name="time">Measures conditions.</param>
internal sealed class RuleSurroundings(TimeProvider time)
{
    public TimeProvider Time { get; } = time;

    /// <summary>Hears of a condition that threw. It must not throw itself.</summary>
    public Action<RuleState, Exception>? ConditionFailed { get; set; }
}
