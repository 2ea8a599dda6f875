using System.Runtime.CompilerServices;
using Unstale.Boundary;

namespace Unstale.Rules;

/// <summary>Rule in force, prepared for execution, with its statistics. Exists as long as the rule does and is shared by successive sets.</summary>
internal sealed class RuleState
{
    private readonly RuleTally _tally;
    private readonly RuleTargets _targets;
    private readonly RuleDependencies _dependencies;
    private readonly string[] _fields;
    private readonly uint _operations;

    /// <exception cref="ArgumentException">The rule is invalid.</exception>
    public RuleState(InvalidationRule rule, RuleTally? tally = null)
    {
        RuleCheck.Check(rule);
        Rule = rule;
        _tally = tally ?? new();
        _targets = new(rule);
        _dependencies = new(rule.Dependencies);
        _fields = [.. rule.Fields];
        Triggers = [.. rule.Triggers.Distinct(StringComparer.Ordinal)];
        Relationships = [.. rule.Relationships];
        foreach (var operation in rule.Operations)
            _operations |= 1u << (int)operation;
    }

    public InvalidationRule Rule { get; }

    public string[] Triggers { get; }

    public DataRelationship[] Relationships { get; }

    public RuleTally Tally => _tally;

    /// <summary>Number of entries removed because of the rule, incremented by sweeps.</summary>
    public StrongBox<long> Entries => _tally.Entries;

    public long Executions => _tally.Executions;

    public DateTimeOffset? LastExecution => _tally.LastExecution;

    public long ConditionFailures => _tally.ConditionFailures;

    public TimeSpan SlowestCondition => _tally.SlowestCondition;

    public long MissingValues => _tally.MissingValues;

    /// <summary>Returns whether the rule applies to a change. The caller has already matched a trigger.</summary>
    public bool Wants(Change change, RuleSurroundings surroundings) =>
        (_operations == 0 || (_operations & (1u << (int)change.Operation)) != 0)
        && (_fields.Length == 0 || change.Fields.Count == 0 || NamesAField(change.Fields))
        && (Rule.Condition is not { } condition || Holds(condition, change, surroundings));

    /// <summary>Adds the targets of the rule.</summary>
    /// <returns>Number of missing values.</returns>
    public int AddTargets(List<NamedTarget> targets, Change change) => _targets.AddTo(targets, change);

    /// <summary>Adds the keys that depend on targets in the list or on names of the change itself.</summary>
    /// <returns>Number of missing values.</returns>
    public int AddDependents(List<NamedTarget> targets, IReadOnlyList<NamedTarget> named, Change change) =>
        _dependencies.IsEmpty ? 0 : _dependencies.AddTo(targets, named, change);

    public RuleStatistics Statistics() => new()
    {
        Name = Rule.Name,
        Strategy = Rule.Strategy,
        Priority = Rule.Priority,
        Triggers = Triggers,
        Executions = Executions,
        Entries = Interlocked.Read(ref Entries.Value),
        LastExecution = LastExecution,
        ConditionFailures = ConditionFailures,
        SlowestCondition = SlowestCondition,
        MissingValues = MissingValues,
    };

    private bool NamesAField(IReadOnlyList<string> changed)
    {
        for (var i = 0; i < changed.Count; i++)
        {
            if (Array.IndexOf(_fields, changed[i]) >= 0)
                return true;
        }

        return false;
    }

    /// <summary>Evaluates the condition. A condition that throws counts as true, because a stale value is worse than a slow read.</summary>
    private bool Holds(Func<Change, bool> condition, Change change, RuleSurroundings surroundings)
    {
        var began = surroundings.Time.GetTimestamp();
        var failure = UserCode.Call(CallOut.Rule, (condition, change), static s => s.condition(s.change), out var holds);
        if (!surroundings.IsPreview)
        {
            _tally.ConditionTook(surroundings.Time.GetElapsedTime(began));
            if (failure is not null)
                _tally.ConditionFailed();
        }

        if (failure is not null)
            surroundings.ConditionFailed?.Invoke(this, failure);
        return holds || failure is not null;
    }
}
