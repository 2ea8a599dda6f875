namespace Unstale.Predicates;

/// <summary>Kind of a <see cref="ComparedResidual"/>.</summary>
internal enum ComparisonKind
{
    /// <summary>The values are equal, or both are null. Never null.</summary>
    Equal,

    /// <summary>The left value is lower. False or null if one of them is null: Entity Framework Core replaces some of these comparisons by false.</summary>
    Less,

    /// <summary>The left value is lower or equal. False or null if one of them is null.</summary>
    LessOrEqual,
}
