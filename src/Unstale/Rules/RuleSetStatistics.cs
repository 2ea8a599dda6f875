using System.Text.Json.Serialization;

namespace Unstale.Rules;

/// <summary>
/// Snapshot of the statistics of all rules of a cache on this node. In JSON, the properties have the names of the Tagged Cache Invalidation System, such as
/// <c>rule_details</c> and <c>immediate_invalidations</c>.
/// </summary>
public sealed record RuleSetStatistics
{
    /// <summary>Number of rules.</summary>
    [JsonPropertyName("rules")]
    public required int Rules { get; init; }

    /// <summary>All relationships, including the relationships of rules.</summary>
    [JsonPropertyName("relationship_details")]
    public required IReadOnlyList<DataRelationship> Relationships { get; init; }

    /// <summary>Number of declared dependencies: pairs of a key and a name the key is computed from.</summary>
    [JsonPropertyName("dependencies")]
    public required int Dependencies { get; init; }

    /// <summary>Number of tags pending until the window ends.</summary>
    [JsonPropertyName("pending_tags")]
    public required int PendingTags { get; init; }

    /// <summary>Number of keys pending until the window ends.</summary>
    [JsonPropertyName("pending_keys")]
    public required int PendingKeys { get; init; }

    /// <summary>Number of patterns and other targets, neither tags nor keys, pending until the window ends.</summary>
    [JsonPropertyName("pending_patterns")]
    public required int PendingPatterns { get; init; }

    /// <summary>Length of the batch window.</summary>
    [JsonPropertyName("batch_delay")]
    public required TimeSpan BatchDelay { get; init; }

    /// <summary>Number of entries removed from the memory of this node because of an invalidation, by a rule or not.</summary>
    [JsonPropertyName("entries_invalidated")]
    public required long EntriesInvalidated { get; init; }

    /// <summary>Number of removed entries invalidated by the names of a change itself, or by a relationship that belongs to no rule.</summary>
    [JsonPropertyName("entries_of_changes")]
    public required long EntriesOfChanges { get; init; }

    /// <summary>Number of rule executions by strategy, including executions of removed rules. Every strategy is listed.</summary>
    [JsonPropertyName("activations")]
    public required IReadOnlyDictionary<InvalidationStrategy, long> Activations { get; init; }

    /// <summary>Number of relationships, including the relationships of rules.</summary>
    [JsonPropertyName("relationships")]
    public int RelationshipCount => Relationships.Count;

    /// <summary>Number of rule executions of all strategies.</summary>
    [JsonPropertyName("total_invalidations")]
    public long TotalInvalidations => Activations.Values.Sum();

    /// <summary>Number of executions of rules with the strategy <see cref="InvalidationStrategy.Immediate"/>.</summary>
    [JsonPropertyName("immediate_invalidations")]
    public long ImmediateInvalidations => Activations.GetValueOrDefault(InvalidationStrategy.Immediate);

    /// <summary>Number of executions of rules with the strategy <see cref="InvalidationStrategy.Batched"/>.</summary>
    [JsonPropertyName("batched_invalidations")]
    public long BatchedInvalidations => Activations.GetValueOrDefault(InvalidationStrategy.Batched);

    /// <summary>Number of executions of rules with the strategy <see cref="InvalidationStrategy.Lazy"/>.</summary>
    [JsonPropertyName("lazy_invalidations")]
    public long LazyInvalidations => Activations.GetValueOrDefault(InvalidationStrategy.Lazy);

    /// <summary>Number of executions of rules with the strategy <see cref="InvalidationStrategy.Cascade"/>.</summary>
    [JsonPropertyName("cascade_invalidations")]
    public long CascadeInvalidations => Activations.GetValueOrDefault(InvalidationStrategy.Cascade);

    /// <summary>Statistics of each rule, in order of execution.</summary>
    [JsonPropertyName("rule_details")]
    public required IReadOnlyList<RuleStatistics> Details { get; init; }
}
