using Unstale.Log;

namespace Unstale.Rules;

/// <summary>Index of the targets of a change, including keys declared to depend on the targets. Finds the step that invalidates an entry.</summary>
internal sealed class ChangePlan
{
    private readonly List<PlannedStep> _steps = [];
    private readonly Dictionary<string, int> _tags = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _keysByMark;
    private readonly List<(InvalidationTarget Target, int Step)> _broad = [];
    private int _everything = int.MaxValue;

    /// <summary>Number of the first step with a target; <see cref="int.MaxValue"/> for none.</summary>
    private int _first = int.MaxValue;

    public ChangePlan(Expansion expansion, DependencyGraph dependencies)
    {
        _keysByMark = _keys.GetAlternateLookup<ReadOnlySpan<char>>();
        (Depth, Missing) = (expansion.Depth, expansion.Missing);
        foreach (var step in expansion.Steps)
            Add(new(step.Rule is null ? PreviewStepKind.Change : PreviewStepKind.Rule, step.Rule?.Rule.Name, step.Strategy, step.Targets, step.Missing));
        foreach (var raised in expansion.Steps.GroupBy(RecordOf))
            AddDependents(raised, dependencies);
    }

    public IReadOnlyList<PlannedStep> Steps => _steps;

    /// <summary>Maximum level of relationships or declared dependencies.</summary>
    public int Depth { get; private set; }

    public int Missing { get; }

    /// <summary>Returns the number of the first step that invalidates an entry; -1 for none.</summary>
    /// <param name="key">Key of the entry.</param>
    /// <param name="names">Tags of the entry, and marks of the keys the entry was made from.</param>
    public int StepOf(string key, ReadOnlySpan<string> names)
    {
        var first = Math.Min(_everything, _keys.GetValueOrDefault(key, int.MaxValue));
        if (names.Contains(KeyMark.AnyRecord))
            first = Math.Min(first, _first);
        foreach (var name in names)
        {
            var found = KeyMark.Is(name) ? _keysByMark.TryGetValue(KeyMark.KeyOf(name), out var step) : _tags.TryGetValue(name, out step);
            if (found)
                first = Math.Min(first, step);
        }

        foreach (var (target, step) in _broad)
        {
            if (step >= first)
                break;
            if (target.Concerns(key, names))
                first = step;
        }

        return first == int.MaxValue ? -1 : first;
    }

    /// <summary>Returns the group of a step. All steps of a group are raised in one record: see <see cref="ChangeRecords"/>.</summary>
    private static (InvalidationStrategy How, bool Once) RecordOf(RuleStep step) =>
        (step.Strategy == InvalidationStrategy.Cascade ? InvalidationStrategy.Immediate : step.Strategy, step.ServeStaleOnce);

    private void AddDependents(IGrouping<(InvalidationStrategy How, bool Once), RuleStep> raised, DependencyGraph dependencies)
    {
        InvalidationTarget[] named = [.. raised.SelectMany(step => step.Targets).Select(target => target.Target)];
        var found = dependencies.Expand(named);
        if (found.Count > 0)
            Add(new(PreviewStepKind.Dependents, Rule: null, raised.Key.How, Targets(found), Missing: 0));
        if (named.Length + found.Count > Invalidation.MostTargets)
            Add(new(PreviewStepKind.TooManyNames, Rule: null, raised.Key.How, [new(InvalidationTarget.Everything, Chain: null)], Missing: 0));
    }

    private NamedTarget[] Targets(Dependents found)
    {
        var targets = new NamedTarget[found.Count];
        var levels = new int[found.Count];
        for (var i = 0; i < targets.Length; i++)
        {
            var (key, _, parent, _) = found[i];
            targets[i] = new(InvalidationTarget.ForKey(key), found.ChainOf(i));
            levels[i] = parent < 0 ? 1 : levels[parent] + 1;
            Depth = Math.Max(Depth, levels[i]);
        }

        return targets;
    }

    private void Add(PlannedStep step)
    {
        var number = _steps.Count;
        _steps.Add(step);
        if (step.Targets.Count > 0)
            _first = Math.Min(_first, number);
        foreach (var (target, _) in step.Targets)
        {
            if (target.Kind == TargetKind.Key)
                _keys.TryAdd(target.Text, number);
            else if (target.Kind == TargetKind.Tag)
                _tags.TryAdd(target.Text, number);
            else if (target.IsBroad)
                _broad.Add((target, number));
            else
                _everything = Math.Min(_everything, number);
        }
    }
}

/// <param name="Kind">Cause of the invalidation.</param>
/// <param name="Rule">Name of the rule; null for any other cause.</param>
/// <param name="Strategy">Strategy that determines when the targets are invalidated.</param>
/// <param name="Targets">Targets of the step.</param>
/// <param name="Missing">Number of placeholders of the rule without a value.</param>
internal sealed record PlannedStep(
    PreviewStepKind Kind, string? Rule, InvalidationStrategy Strategy, IReadOnlyList<NamedTarget> Targets, int Missing);
