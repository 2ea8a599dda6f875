using Unstale.Boundary;
using Unstale.Log;

namespace Unstale.Rules;

/// <summary>Rule in force, prepared for execution, with its statistics. Exists as long as the rule does and is shared by successive sets.</summary>
internal sealed class CompiledRule
{
    private readonly RuleCounters _counters;
    private readonly RuleTargets _targets;
    private readonly RuleDependencies? _dependencies;
    private readonly string[] _fields;
    private readonly uint _operations;

    /// <exception cref="ArgumentException">The rule is invalid.</exception>
    public CompiledRule(InvalidationRule rule, RuleCounters? counters = null)
    {
        RuleCheck.Check(rule);
        Rule = rule;
        _counters = counters ?? new(rule.Name);
        _targets = new(rule);
        _dependencies = rule.Dependencies.Count == 0 ? null : new(rule.Dependencies);
        _fields = [.. rule.Fields];
        Triggers = [.. rule.Triggers.Distinct(StringComparer.Ordinal)];
        Relationships = [.. rule.Relationships];
        foreach (var operation in rule.Operations)
            _operations |= 1u << (int)operation;
    }

    public InvalidationRule Rule { get; }

    public string[] Triggers { get; }

    public DataRelationship[] Relationships { get; }

    public RuleCounters Counters => _counters;

    /// <summary>Cause of the targets of the rule.</summary>
    public InvalidationCause Cause => _counters.Cause;

    /// <summary>Number of entries removed because of the rule.</summary>
    public long Entries => Interlocked.Read(ref _counters.Cause.Entries.Value);

    public long Executions => _counters.Executions;

    public DateTimeOffset? LastExecution => _counters.LastExecution;

    public long ConditionFailures => _counters.ConditionFailures;

    public TimeSpan SlowestCondition => _counters.SlowestCondition;

    public long MissingValues => _counters.MissingValues;

    /// <summary>Returns whether the rule applies to a change. The caller has already matched a trigger.</summary>
    /// <param name="change">Change.</param>
    /// <param name="fields">Changed fields, read by the first rule that needs them; null before.</param>
    /// <param name="context">Services of the node.</param>
    public bool Matches(Change change, ref IReadOnlyList<string>? fields, RuleContext context) =>
        (_operations == 0 || (_operations & (1u << (int)change.Operation)) != 0)
        && (_fields.Length == 0 || MayConcernAField(change, ref fields))
        && (Rule.Condition is not { } condition || IsMet(condition, change, context));

    /// <summary>
    /// Adds the targets of the rule: own ones, names related to the change, and keys that depend on one of them or on a name of the change itself.
    /// </summary>
    /// <param name="targets">Builder that contains the names of the change itself at its beginning.</param>
    /// <param name="own">Number of names of the change itself.</param>
    /// <param name="names">Names by which the change triggers rules.</param>
    /// <param name="related">Relationships of the rule; null for none.</param>
    /// <param name="depth">Maximum level of relationships.</param>
    public RuleRun AddTargets(InvalidationBuilder targets, int own, in TriggerNames names, RelationshipMap? related, ref int depth)
    {
        var start = targets.Count;
        var missing = _targets.AddTo(targets, names.Change, Cause);
        if (related is not null)
            depth = Math.Max(depth, names.AddRelated(this, related, targets));
        if (_dependencies is not null)
            missing += _dependencies.AddTo(targets, own, start, names.Change, Cause);
        var timing = TimingOf(targets.Items[start..]);
        targets.SetTiming(start, timing);
        return new(this, timing, missing);
    }

    public RuleStatistics Statistics() => new()
    {
        Name = Rule.Name,
        Strategy = Rule.Strategy,
        Priority = Rule.Priority,
        Triggers = Triggers,
        InvalidateTags = Rule.Tags,
        Executions = Executions,
        Entries = Entries,
        LastExecution = LastExecution,
        ConditionFailures = ConditionFailures,
        SlowestCondition = SlowestCondition,
        MissingValues = MissingValues,
    };

    private InvalidationTiming TimingOf(ReadOnlySpan<InvalidationItem> targets) => Rule.Strategy switch
    {
        InvalidationStrategy.Batched => InvalidationTiming.Batched,
        InvalidationStrategy.Lazy => ServesOnce(targets) ? InvalidationTiming.ServeStaleOnce : InvalidationTiming.Lazy,
        _ => InvalidationTiming.Immediate,
    };

    /// <summary>
    /// Returns whether old values can be served once. Only tags support a stale read, so a rule that invalidates everything because of a missing value
    /// serves none.
    /// </summary>
    private bool ServesOnce(ReadOnlySpan<InvalidationItem> targets)
    {
        if (!Rule.ServeStaleOnce)
            return false;
        foreach (ref readonly var item in targets)
        {
            if (item.Target.Kind != TargetKind.Tag)
                return false;
        }

        return true;
    }

    private bool MayConcernAField(Change change, ref IReadOnlyList<string>? fields)
    {
        var changed = fields ??= ChangeContext.FieldsOf(change);
        if (changed.Count == 0)
            return true;
        for (var i = 0; i < changed.Count; i++)
        {
            if (Array.IndexOf(_fields, changed[i]) >= 0)
                return true;
        }

        return false;
    }

    /// <summary>Evaluates the condition. A condition that throws counts as true, because a stale value is worse than a slow read.</summary>
    private bool IsMet(Func<Change, bool> condition, Change change, RuleContext context)
    {
        var began = context.Time.GetTimestamp();
        var failure = UserCode.Call(CallOut.Rule, (condition, change), static s => s.condition(s.change), out var holds);
        if (!context.IsPreview)
        {
            _counters.ConditionTook(context.Time.GetElapsedTime(began));
            if (failure is not null)
                _counters.ConditionFailed();
        }

        if (failure is not null)
            context.ConditionFailed?.Invoke(this, failure);
        return holds || failure is not null;
    }
}
