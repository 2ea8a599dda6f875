namespace Unstale.Rules;

/// <summary>What the rules of a log have done on this node. A snapshot.</summary>
public sealed record RuleSetStatistics
{
    /// <summary>How many rules there are.</summary>
    public required int Rules { get; init; }

    /// <summary>The relationships, those that belong to a rule included.</summary>
    public required IReadOnlyList<DataRelationship> Relationships { get; init; }

    /// <summary>Declared dependencies: how many pairs of a key and a name that it is computed from.</summary>
    public required int Dependencies { get; init; }

    /// <summary>Tags that wait for the end of the window.</summary>
    public required int PendingTags { get; init; }

    /// <summary>Keys that wait for the end of the window.</summary>
    public required int PendingKeys { get; init; }

    /// <summary>Patterns, and everything else that is neither a tag nor a key, that wait for the end of the window.</summary>
    public required int PendingPatterns { get; init; }

    /// <summary>How long the window is.</summary>
    public required TimeSpan BatchDelay { get; init; }

    /// <summary>Entries of this node's memory that were removed because of an invalidation, of a rule or not.</summary>
    public required long EntriesInvalidated { get; init; }

    /// <summary>Those among them that a change named itself, or by a relationship that belongs to no rule.</summary>
    public required long EntriesOfChanges { get; init; }

    /// <summary>How often a rule ran, by strategy; every strategy has its line. Those of rules that are gone count on.</summary>
    public required IReadOnlyDictionary<InvalidationStrategy, long> Activations { get; init; }

    /// <summary>Each rule, in the order in which they run.</summary>
    public required IReadOnlyList<RuleStatistics> Details { get; init; }
}
