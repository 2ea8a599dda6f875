namespace Unstale.Rules;

/// <summary>Snapshot of the statistics of all rules of a cache on this node.</summary>
public sealed record RuleSetStatistics
{
    /// <summary>Number of rules.</summary>
    public required int Rules { get; init; }

    /// <summary>All relationships, including the relationships of rules.</summary>
    public required IReadOnlyList<DataRelationship> Relationships { get; init; }

    /// <summary>Number of declared dependencies: pairs of a key and a name the key is computed from.</summary>
    public required int Dependencies { get; init; }

    /// <summary>Number of tags pending until the window ends.</summary>
    public required int PendingTags { get; init; }

    /// <summary>Number of keys pending until the window ends.</summary>
    public required int PendingKeys { get; init; }

    /// <summary>Number of patterns and other targets, neither tags nor keys, pending until the window ends.</summary>
    public required int PendingPatterns { get; init; }

    /// <summary>Length of the batch window.</summary>
    public required TimeSpan BatchDelay { get; init; }

    /// <summary>Number of entries removed from the memory of this node because of an invalidation, by a rule or not.</summary>
    public required long EntriesInvalidated { get; init; }

    /// <summary>Number of removed entries invalidated by the names of a change itself, or by a relationship that belongs to no rule.</summary>
    public required long EntriesOfChanges { get; init; }

    /// <summary>Number of rule executions by strategy, including executions of removed rules. Every strategy is listed.</summary>
    public required IReadOnlyDictionary<InvalidationStrategy, long> Activations { get; init; }

    /// <summary>Statistics of each rule, in order of execution.</summary>
    public required IReadOnlyList<RuleStatistics> Details { get; init; }
}
