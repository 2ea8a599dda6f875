using Unstale.Boundary;

namespace Unstale.Rules;

/// <summary>What rules need of the node they run on.</summary>
/// <param name="time">Measures conditions.</param>
internal sealed class RuleSurroundings(GuardedTime time)
{
    public GuardedTime Time { get; } = time;

    /// <summary>The same where nothing is carried out: nothing is counted and nobody hears.</summary>
    public RuleSurroundings ForPreview() => new(Time) { IsPreview = true };

    public bool IsPreview { get; private init; }

    /// <summary>Hears of a condition that threw. It must not throw itself.</summary>
    public Action<RuleState, Exception>? ConditionFailed { get; set; }
}
