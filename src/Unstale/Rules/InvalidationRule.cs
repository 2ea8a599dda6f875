namespace Unstale.Rules;

/// <summary>When something changes, this is untrue as well. A change that concerns it makes the rule run, once.</summary>
/// <remarks>
/// Tags, keys and globs may hold placeholders: <c>{id}</c> and <c>{product}</c> (the type of what changed) are the id of the change,
/// every other name is looked up in <see cref="Change.Context"/>; a list there makes one of each. A value that is missing becomes <c>*</c> in keys and
/// globs, and in a tag it makes the rule take everything: unknown means stale. A brace itself is written <c>{{</c> or <c>}}</c>.
/// </remarks>
public sealed record InvalidationRule
{
    /// <summary>The name, one rule each.</summary>
    public required string Name { get; init; }

    /// <summary>What sets it off: <c>product</c> for each change of one, and of all that spreads to it; <c>product:4</c> for that one alone.</summary>
    public required IReadOnlyCollection<string> Triggers
    {
        get;
        init => field = [.. value];
    }

    /// <summary>The tags it takes, as written, whatever the scope of the change. <c>*</c> is everything.</summary>
    public IReadOnlyCollection<string> Tags
    {
        get;
        init => field = [.. value];
    }

    = [];

    /// <summary>The keys it takes.</summary>
    public IReadOnlyCollection<string> Keys
    {
        get;
        init => field = [.. value];
    }

    = [];

    /// <summary>The patterns over keys that it takes, by the rules of <see cref="GlobPattern"/>; values of placeholders are escaped.</summary>
    public IReadOnlyCollection<string> Globs
    {
        get;
        init => field = [.. value];
    }

    = [];

    /// <summary>The patterns over keys that it takes, without placeholders.</summary>
    public IReadOnlyCollection<KeyPattern> Patterns
    {
        get;
        init => field = [.. value];
    }

    = [];

    /// <summary>The operations it is about; none named: all.</summary>
    public IReadOnlyCollection<ChangeOperation> Operations
    {
        get;
        init => field = [.. value];
    }

    = [];

    /// <summary>The fields it is about; none named: all. A change that does not say which fields changed may have changed any.</summary>
    public IReadOnlyCollection<string> Fields
    {
        get;
        init => field = [.. value];
    }

    = [];

    /// <summary>What must hold besides. It runs within the call that raises the change: keep it under a millisecond. One that throws counts as true.</summary>
    public Func<Change, bool>? Condition { get; init; }

    /// <summary>Higher runs first; equal ones in the order they were added. Default: 0.</summary>
    public int Priority { get; init; }

    /// <summary>When what it names is given up. Default: <see cref="InvalidationStrategy.Immediate"/>.</summary>
    public InvalidationStrategy Strategy { get; init; }

    /// <summary>Relationships that hold for this rule alone: they spread when it runs, by its strategy, and set off no rule.</summary>
    public IReadOnlyCollection<DataRelationship> Relationships
    {
        get;
        init => field = [.. value];
    }

    = [];

    /// <summary>Keys that are taken with what they are computed from, where this rule runs.</summary>
    public IReadOnlyCollection<RuleDependency> Dependencies
    {
        get;
        init => field = [.. value];
    }

    = [];

    /// <summary>
    /// True if the next reader may have the old value once while it is read anew behind. It needs <see cref="InvalidationStrategy.Lazy"/>, tags
    /// alone, and entries with <see cref="UnstaleEntryOptions.FreshFor"/>. Default: false.
    /// </summary>
    public bool ServeStaleOnce { get; init; }

    /// <summary>What it is for, for people.</summary>
    public string? Description { get; init; }
}
