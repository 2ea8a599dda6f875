namespace Unstale.Rules;

/// <summary>Probable mistake reported by <see cref="InvalidationRules.Validate"/>.</summary>
/// <param name="Kind">Kind of the finding.</param>
/// <param name="Rule">Name of the rule; null if the finding is about relationships that belong to no rule.</param>
/// <param name="Message">Description of the finding and of the remedy.</param>
public sealed record RuleWarning(RuleWarningKind Kind, string? Rule, string Message);

/// <summary>Kind of a <see cref="RuleWarning"/>.</summary>
public enum RuleWarningKind
{
    /// <summary>A relationship follows more than two levels.</summary>
    TooDeep,

    /// <summary>Two rules invalidate the same tag for the same trigger.</summary>
    Overlap,

    /// <summary>No entry carries a tag that a rule invalidates.</summary>
    UnusedTag,

    /// <summary>A condition ran for more than a millisecond.</summary>
    SlowCondition,

    /// <summary>Relationships form a cycle.</summary>
    Cycle,

    /// <summary>A placeholder in a tag may have no value. In such a case, the rule invalidates everything.</summary>
    ValueMayBeMissing,
}
