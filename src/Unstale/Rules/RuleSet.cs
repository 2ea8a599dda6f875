using Unstale.Boundary;
using Unstale.Log;

namespace Unstale.Rules;

/// <summary>The rules and relationships of a moment. It never changes: what is added or removed makes another one.</summary>
internal sealed class RuleSet
{
    private readonly RuleState[] _inOrder;
    private readonly Dictionary<string, List<int>> _byTrigger = new(StringComparer.Ordinal);
    private readonly RelationshipMap _related;
    private readonly Dictionary<RuleState, RelationshipMap> _own = [];
    private readonly RuleSurroundings _surroundings;

    /// <param name="rules">In the order of their registration.</param>
    /// <param name="relationships">Those that belong to no rule.</param>
    /// <param name="surroundings">What rules need of the node.</param>
    public RuleSet(IEnumerable<RuleState> rules, IEnumerable<DataRelationship> relationships, RuleSurroundings surroundings)
    {
        _surroundings = surroundings;
        _related = new(relationships);
        _inOrder = [.. rules.OrderByDescending(rule => rule.Rule.Priority)];
        for (var rank = 0; rank < _inOrder.Length; rank++)
            Add(_inOrder[rank], rank);
    }

    /// <summary>No rules: a change names itself.</summary>
    public static RuleSet Empty { get; } = new([], [], new RuleSurroundings(GuardedTime.Over(TimeProvider.System)));

    /// <summary>The rules, in the order in which they run.</summary>
    public IReadOnlyList<RuleState> InOrder => _inOrder;

    /// <summary>What the change takes. It costs by the names that the change spreads to and the rules that these set off, not by the number of rules.</summary>
    /// <exception cref="ArgumentException">A name of the change is empty, or <see cref="ChangeScope.Entity"/> goes without an id.</exception>
    /// <param name="change">The change.</param>
    /// <param name="isPreview">Nothing is carried out: what rules have done stays as it is.</param>
    public Expansion Expand(Change change, bool isPreview = false)
    {
        ArgumentNullException.ThrowIfNull(change);
        change.Check();
        var names = new ChangedNames(change, _related.Of(change.Resource));
        var steps = new StepList();
        var own = names.Raised();
        steps.Add(rule: null, own, missing: 0);
        var depth = names.Depth;
        if (_byTrigger.Count > 0)
            depth = Math.Max(depth, Run(names, own, steps, isPreview ? _surroundings.ForPreview() : _surroundings));
        return steps.ToExpansion(depth);
    }

    /// <summary>True if a change of another type may set off what this name sets off.</summary>
    public bool IsReachedByRelationship(string name) => _related.Reaches(name);

    private void Add(RuleState rule, int rank)
    {
        foreach (var trigger in rule.Triggers)
        {
            if (!_byTrigger.TryGetValue(trigger, out var ranks))
                _byTrigger[trigger] = ranks = new(1);
            ranks.Add(rank);
        }

        if (rule.Relationships.Length > 0)
            _own[rule] = new(rule.Relationships, _related);
    }

    private int Run(ChangedNames names, IReadOnlyList<NamedTarget> own, StepList steps, RuleSurroundings surroundings)
    {
        var (depth, last) = (0, -1);
        foreach (var rank in SetOff(names))
        {
            if (rank == last)
                continue;
            last = rank;
            var rule = _inOrder[rank];
            if (!rule.Wants(names.Change, surroundings))
                continue;
            var targets = new List<NamedTarget>();
            var missing = rule.AddTargets(targets, names.Change);
            if (_own.TryGetValue(rule, out var relationships))
                depth = Math.Max(depth, names.Spread(rule, relationships, targets));
            missing += rule.AddDependents(targets, own, names.Change);
            steps.Add(rule, targets, missing);
        }

        return depth;
    }

    /// <summary>Ranks of the rules that a name sets off, lowest first; one that several names set off stands there several times.</summary>
    private List<int> SetOff(ChangedNames names)
    {
        List<int>? found = null;
        var merged = false;
        for (var i = 0; i < names.Count; i++)
        {
            if (!_byTrigger.TryGetValue(names[i], out var ranks))
                continue;
            if (found is null)
            {
                found = ranks;
                continue;
            }

            found = merged ? found : [.. found];
            merged = true;
            found.AddRange(ranks);
        }

        if (merged)
            found!.Sort();
        return found ?? [];
    }
}
