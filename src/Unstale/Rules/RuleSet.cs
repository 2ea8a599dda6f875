using Unstale.Log;
using Unstale.Predicates;

namespace Unstale.Rules;

/// <summary>Immutable set of rules and relationships. Each addition or removal creates another set.</summary>
internal sealed class RuleSet
{
    private readonly CompiledRule[] _inOrder;
    private readonly Dictionary<string, List<int>> _byTrigger = new(StringComparer.Ordinal);
    private readonly RelationshipMap _related;
    private readonly Dictionary<CompiledRule, RelationshipMap> _own = [];
    private readonly RuleContext _context;

    /// <param name="rules">Rules in order of registration.</param>
    /// <param name="relationships">Relationships that belong to no rule.</param>
    /// <param name="context">Services of the node for rules.</param>
    public RuleSet(IEnumerable<CompiledRule> rules, IEnumerable<DataRelationship> relationships, RuleContext context)
    {
        _context = context;
        _related = new(relationships);
        _inOrder = [.. rules.OrderByDescending(rule => rule.Rule.Priority)];
        for (var rank = 0; rank < _inOrder.Length; rank++)
            Add(_inOrder[rank], rank);
    }

    /// <summary>Rules in order of execution.</summary>
    public IReadOnlyList<CompiledRule> InOrder => _inOrder;

    /// <summary>
    /// Returns the targets of a change. The cost depends on the number of names to which the change propagates and on the rules triggered by these
    /// names, not on the total number of rules.
    /// </summary>
    /// <param name="change">Change whose names are valid.</param>
    /// <param name="isPreview">Whether the evaluation is a preview, which leaves the statistics of the rules unchanged. Default: false.</param>
    public RuleEvaluation Evaluate(Change change, bool isPreview = false)
    {
        using var targets = InvalidationBuilder.Rent();
        var names = new TriggerNames(change, _related.For(change.Resource));
        names.AddTo(targets, _context.Changes);
        if (ReportedRow.Of(change, _context.ColumnHash) is { } row)
            targets.Add(new(InvalidationTarget.ForRow(row), _context.Changes));
        var depth = names.Depth;
        var runs = _byTrigger.Count == 0 ? [] : Run(names, targets, ref depth, isPreview ? _context.ForPreview() : _context);
        if (runs.Length > 0)
            targets.KeepEarliest();
        return new(targets.ToInvalidation(change.ToString()), runs, depth);
    }

    /// <summary>Returns whether a change of another type can trigger the rules of this name.</summary>
    public bool IsReachedByRelationship(string name) => _related.Reaches(name);

    private void Add(CompiledRule rule, int rank)
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

    private RuleRun[] Run(in TriggerNames names, InvalidationBuilder targets, ref int depth, RuleContext context)
    {
        var ranks = Triggered(names);
        var runs = ranks.Count == 0 ? [] : new RuleRun[ranks.Count];
        var (own, count, last) = (targets.Count, 0, -1);
        IReadOnlyList<string>? fields = null;
        foreach (var rank in ranks)
        {
            if (rank == last)
                continue;
            last = rank;
            var rule = _inOrder[rank];
            if (rule.Matches(names.Change, ref fields, context))
                runs[count++] = rule.AddTargets(targets, own, names, _own.GetValueOrDefault(rule), ref depth);
        }

        return count == runs.Length ? runs : runs[..count];
    }

    /// <summary>Returns the ranks of the triggered rules in ascending order. A rule triggered by several names is returned several times.</summary>
    private List<int> Triggered(in TriggerNames names)
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
