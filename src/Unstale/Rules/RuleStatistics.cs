namespace Unstale.Rules;

/// <summary>What one rule has done on this node. A snapshot.</summary>
public sealed record RuleStatistics
{
    /// <summary>The name of the rule.</summary>
    public required string Name { get; init; }

    /// <summary>When what it names is given up.</summary>
    public required InvalidationStrategy Strategy { get; init; }

    /// <summary>Higher runs first.</summary>
    public required int Priority { get; init; }

    /// <summary>What sets it off.</summary>
    public required IReadOnlyCollection<string> Triggers { get; init; }

    /// <summary>How often it ran. A change that its condition did not want is no run.</summary>
    public required long Executions { get; init; }

    /// <summary>Entries of this node's memory that were removed because of it.</summary>
    public required long Entries { get; init; }

    /// <summary>When it last ran; null if never.</summary>
    public required DateTimeOffset? LastExecution { get; init; }

    /// <summary>How often its condition threw; each counted as true.</summary>
    public required long ConditionFailures { get; init; }

    /// <summary>The longest that its condition took.</summary>
    public required TimeSpan SlowestCondition { get; init; }

    /// <summary>How often a placeholder found no value.</summary>
    public required long MissingValues { get; init; }
}
