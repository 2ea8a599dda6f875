namespace Unstale.Rules;

/// <summary>What <see cref="InvalidationRules.Validate"/> thinks worth a look.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Rule">The rule; null when it is about relationships that belong to none.</param>
/// <param name="Message">What was found and what to do.</param>
public sealed record RuleFinding(RuleFindingKind Kind, string? Rule, string Message);

/// <summary>What a <see cref="RuleFinding"/> is about.</summary>
public enum RuleFindingKind
{
    /// <summary>A relationship walks more than two levels.</summary>
    TooDeep,

    /// <summary>Two rules take the same tag for the same trigger.</summary>
    Overlap,

    /// <summary>A tag that a rule takes is carried by no entry.</summary>
    UnusedTag,

    /// <summary>A condition took more than a millisecond.</summary>
    SlowCondition,

    /// <summary>Relationships lead back to where they began.</summary>
    Cycle,

    /// <summary>A placeholder in a tag may find no value; the rule then takes everything.</summary>
    ValueMayBeMissing,
}
