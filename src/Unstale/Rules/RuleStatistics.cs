using System.Text.Json.Serialization;

namespace Unstale.Rules;

/// <summary>Snapshot of the statistics of one rule on this node. In JSON, the properties have names such as <c>execution_count</c>.</summary>
public sealed record RuleStatistics
{
    /// <summary>Name of the rule.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary>Strategy that determines when the targets are invalidated.</summary>
    [JsonPropertyName("strategy")]
    public required InvalidationStrategy Strategy { get; init; }

    /// <summary>Priority of the rule. Higher values run first.</summary>
    [JsonPropertyName("priority")]
    public required int Priority { get; init; }

    /// <summary>Triggers of the rule.</summary>
    [JsonPropertyName("trigger_tags")]
    public required IReadOnlyCollection<string> Triggers { get; init; }

    /// <summary>Tags that the rule invalidates, as declared: with placeholders.</summary>
    [JsonPropertyName("invalidate_tags")]
    public IReadOnlyCollection<string> InvalidateTags { get; init; } = [];

    /// <summary>Number of executions. A change rejected by the condition does not count.</summary>
    [JsonPropertyName("execution_count")]
    public required long Executions { get; init; }

    /// <summary>Number of entries removed from the memory of this node because of the rule.</summary>
    [JsonPropertyName("entries_invalidated")]
    public required long Entries { get; init; }

    /// <summary>Time of the last execution; null for none.</summary>
    [JsonPropertyName("last_execution")]
    public required DateTimeOffset? LastExecution { get; init; }

    /// <summary>Number of exceptions thrown by the condition. Each counted as true.</summary>
    [JsonPropertyName("condition_failures")]
    public required long ConditionFailures { get; init; }

    /// <summary>Maximum duration of the condition.</summary>
    [JsonPropertyName("slowest_condition")]
    public required TimeSpan SlowestCondition { get; init; }

    /// <summary>Number of placeholders without a value.</summary>
    [JsonPropertyName("missing_values")]
    public required long MissingValues { get; init; }
}
