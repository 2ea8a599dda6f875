using Unstale.Boundary;
using Unstale.Log;
using Unstale.Predicates;

namespace Unstale.Rules;

/// <summary>Services of the node for rules.</summary>
/// <param name="time">Clock that measures the duration of conditions.</param>
internal sealed class RuleContext(GuardedTime time)
{
    public GuardedTime Time { get; } = time;

    /// <summary>Cause of the names of changes themselves, and of names reached by relationships that belong to no rule.</summary>
    public InvalidationCause Changes { get; } = new(rule: null);

    /// <summary>Returns surroundings for a preview, which neither counts nor reports failed conditions.</summary>
    public RuleContext ForPreview() => new(Time) { IsPreview = true, ColumnHash = ColumnHash };

    public bool IsPreview { get; private init; }

    /// <summary>Creates the forms of the values of changed rows.</summary>
    public ColumnHash ColumnHash { get; set; } = ColumnHash.Unkeyed;

    /// <summary>Callback for conditions that throw. The callback must not throw.</summary>
    public Action<CompiledRule, Exception>? ConditionFailed { get; set; }
}
