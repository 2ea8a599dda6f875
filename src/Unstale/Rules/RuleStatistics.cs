namespace Unstale.Rules;

/// <summary>Snapshot of the statistics of one rule on this node.</summary>
public sealed record RuleStatistics
{
    /// <summary>Name of the rule.</summary>
    public required string Name { get; init; }

    /// <summary>Strategy that determines when the targets are invalidated.</summary>
    public required InvalidationStrategy Strategy { get; init; }

    /// <summary>Priority of the rule. Higher values run first.</summary>
    public required int Priority { get; init; }

    /// <summary>Triggers of the rule.</summary>
    public required IReadOnlyCollection<string> Triggers { get; init; }

    /// <summary>Tags that the rule invalidates, as declared: with placeholders.</summary>
    public IReadOnlyCollection<string> InvalidateTags { get; init; } = [];

    /// <summary>Number of executions. A change rejected by the condition does not count.</summary>
    public required long Executions { get; init; }

    /// <summary>Number of entries removed from the memory of this node because of the rule.</summary>
    public required long Entries { get; init; }

    /// <summary>Time of the last execution; null for none.</summary>
    public required DateTimeOffset? LastExecution { get; init; }

    /// <summary>Number of exceptions thrown by the condition. Each counted as true.</summary>
    public required long ConditionFailures { get; init; }

    /// <summary>Maximum duration of the condition.</summary>
    public required TimeSpan SlowestCondition { get; init; }

    /// <summary>Number of placeholders without a value.</summary>
    public required long MissingValues { get; init; }
}
