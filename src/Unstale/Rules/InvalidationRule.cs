namespace Unstale.Rules;

/// <summary>Rule that adds targets to the invalidation of a change. A matching change runs the rule once.</summary>
/// <remarks>
/// Tags, keys and globs can contain placeholders. <c>{id}</c> and <c>{product}</c> (the type of the changed data) are replaced by the id of the
/// change. Every other name is looked up in <see cref="Change.Context"/>, where a list yields one target for each value. A missing value becomes
/// <c>*</c> in keys and globs. In a tag, a missing value makes the rule invalidate everything, because unknown data must count as stale. A brace
/// is written <c>{{</c> or <c>}}</c>.
/// </remarks>
public sealed record InvalidationRule
{
    /// <summary>Unique name of the rule.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// Triggers of the rule. <c>product</c> matches every change of a product, and every change that propagates to products; <c>product:4</c> matches
    /// product 4 only.
    /// </summary>
    public required IReadOnlyCollection<string> Triggers
    {
        get;
        init => field = [.. value];
    }

    /// <summary>Tags to invalidate, exactly as written, regardless of the scope of the change. <c>*</c> invalidates everything.</summary>
    public IReadOnlyCollection<string> Tags
    {
        get;
        init => field = [.. value];
    }

    = [];

    /// <summary>Keys to invalidate.</summary>
    public IReadOnlyCollection<string> Keys
    {
        get;
        init => field = [.. value];
    }

    = [];

    /// <summary>Globs over keys to invalidate, in the syntax of <see cref="GlobPattern"/>. Values of placeholders are escaped.</summary>
    public IReadOnlyCollection<string> Globs
    {
        get;
        init => field = [.. value];
    }

    = [];

    /// <summary>Patterns over keys to invalidate, without placeholders.</summary>
    public IReadOnlyCollection<KeyPattern> Patterns
    {
        get;
        init => field = [.. value];
    }

    = [];

    /// <summary>Operations to which the rule applies; empty for all.</summary>
    public IReadOnlyCollection<ChangeOperation> Operations
    {
        get;
        init => field = [.. value];
    }

    = [];

    /// <summary>Fields to which the rule applies; empty for all. A change without fields may have changed any field and always matches.</summary>
    public IReadOnlyCollection<string> Fields
    {
        get;
        init => field = [.. value];
    }

    = [];

    /// <summary>
    /// Additional condition, evaluated inside the call that raises the change. Keep the duration under a millisecond. A condition that
    /// throws counts as true.
    /// </summary>
    public Func<Change, bool>? Condition { get; init; }

    /// <summary>Priority of the rule. Higher values run first, equal values in order of registration. Default: 0.</summary>
    public int Priority { get; init; }

    /// <summary>Strategy that determines when the targets are invalidated. Default: <see cref="InvalidationStrategy.Immediate"/>.</summary>
    public InvalidationStrategy Strategy { get; init; }

    /// <summary>Relationships of this rule only, applied when the rule runs, by the strategy of the rule, without triggering other rules.</summary>
    public IReadOnlyCollection<DataRelationship> Relationships
    {
        get;
        init => field = [.. value];
    }

    = [];

    /// <summary>Keys to invalidate together with the names the keys are computed from, when this rule runs.</summary>
    public IReadOnlyCollection<RuleDependency> Dependencies
    {
        get;
        init => field = [.. value];
    }

    = [];

    /// <summary>
    /// Whether the next read may return the old value once while the value is reloaded in the background. Requires
    /// <see cref="InvalidationStrategy.Lazy"/>, a rule with tags only, and entries with <see cref="UnstaleEntryOptions.FreshFor"/>. Default: false.
    /// </summary>
    public bool ServeStaleOnce { get; init; }

    /// <summary>Human-readable purpose of the rule.</summary>
    public string? Description { get; init; }
}
