using Unstale.Dependencies;
using Unstale.Log;
using Unstale.Rules;
using Unstale.Values;

namespace Unstale.Diagnostics;

/// <summary>
/// Finds and counts the entries that a change would invalidate, including keys declared to depend on the targets. An entry counts for the first step
/// that invalidates the entry.
/// </summary>
internal sealed class ImpactAnalysis
{
    private readonly List<Step> _steps = [];
    private readonly Dictionary<string, int> _tags = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _keysByMark;
    private readonly List<(InvalidationTarget Target, int Step)> _selectors = [];
    private readonly int _samples;
    private readonly long _limit;
    private readonly int _missing;
    private long _entries;
    private int _everything = int.MaxValue;

    /// <summary>Number of the first step with a target; <see cref="int.MaxValue"/> for none.</summary>
    private int _first = int.MaxValue;

    /// <param name="evaluation">Targets of the change.</param>
    /// <param name="dependencies">Declared dependencies.</param>
    /// <param name="samples">Maximum number of keys stored for each step. Default: 0.</param>
    /// <param name="limit">Limit for the number of entries. Counting ends when the limit is exceeded. Default: none.</param>
    public ImpactAnalysis(in RuleEvaluation evaluation, DependencyGraph dependencies, int samples = 0, long limit = long.MaxValue - 1)
    {
        _keysByMark = _keys.GetAlternateLookup<ReadOnlySpan<char>>();
        (Depth, _missing, _samples, _limit) = (evaluation.Depth, evaluation.Missing, samples, limit);
        var items = evaluation.Invalidation.Items.Span;
        var at = 0;
        var own = new Step(PreviewStepKind.Change, Rule: null, InvalidationStrategy.Immediate, Missing: 0);
        for (; at < items.Length && items[at].Cause?.Rule is null; at++)
            own.Targets.Add(items[at]);
        Add(own);
        foreach (var run in evaluation.Runs)
        {
            var step = new Step(PreviewStepKind.Rule, run.Rule.Rule.Name, run.Rule.Rule.Strategy, run.Missing);
            for (; at < items.Length && items[at].Cause == run.Rule.Cause; at++)
                step.Targets.Add(items[at]);
            Add(step);
        }

        AddDependents(evaluation.Invalidation, InvalidationTiming.Immediate, dependencies);
        foreach (var timing in evaluation.Runs.Select(static run => run.Timing).Distinct())
        {
            if (timing != InvalidationTiming.Immediate)
                AddDependents(evaluation.Invalidation, timing, dependencies);
        }
    }

    /// <summary>Maximum level of relationships or declared dependencies.</summary>
    public int Depth { get; private set; }

    public bool IsAbove => _entries > _limit;

    /// <summary>Counts an entry in memory if the change would invalidate the entry.</summary>
    /// <param name="key">Key of the entry.</param>
    /// <param name="names">Tags of the entry, and marks of the keys the entry was made from.</param>
    /// <returns>False if no further entry needs to be counted, because the limit is exceeded.</returns>
    public bool Count(string key, string[] names)
    {
        if (StepOf(key, names) is not { } step)
            return true;
        step.Entries++;
        _entries++;
        if (step.Samples.Count < _samples)
            step.Samples.Add(key);
        return !IsAbove;
    }

    public ChangePreview Preview() => new([.. _steps.Select(static step => step.Preview())], _entries, Depth, _missing);

    /// <summary>Returns the first step that invalidates an entry; null for none.</summary>
    private Step? StepOf(string key, ReadOnlySpan<string> names)
    {
        var first = Math.Min(_everything, _keys.GetValueOrDefault(key, int.MaxValue));
        if (names.Contains(DependencyTag.AnyRecord))
            first = Math.Min(first, _first);
        foreach (var name in names)
        {
            var found = DependencyTag.Is(name) ? _keysByMark.TryGetValue(DependencyTag.KeyOf(name), out var step) : _tags.TryGetValue(name, out step);
            if (found)
                first = Math.Min(first, step);
        }

        foreach (var (target, step) in _selectors)
        {
            if (step >= first)
                break;
            if (target.Concerns(key, names))
                first = step;
        }

        return first == int.MaxValue ? null : _steps[first];
    }

    /// <summary>Adds the dependents of the targets of one timing, which one record names.</summary>
    private void AddDependents(Invalidation invalidation, InvalidationTiming timing, DependencyGraph dependencies)
    {
        if (invalidation.At(timing) is not { } named)
            return;
        var strategy = timing switch
        {
            InvalidationTiming.Immediate => InvalidationStrategy.Immediate,
            InvalidationTiming.Batched => InvalidationStrategy.Batched,
            _ => InvalidationStrategy.Lazy,
        };
        var found = dependencies.Expand(named.Items.Span);
        if (found.Count > 0)
            Add(StepOf(found, strategy));
        if (named.Count + found.Count > Invalidation.MostTargets)
            Add(new Step(PreviewStepKind.TooManyNames, Rule: null, strategy, Missing: 0) { Targets = { new(InvalidationTarget.Everything) } });
    }

    private Step StepOf(Dependents found, InvalidationStrategy strategy)
    {
        var step = new Step(PreviewStepKind.Dependents, Rule: null, strategy, Missing: 0);
        var levels = new int[found.Count];
        for (var i = 0; i < levels.Length; i++)
        {
            var (key, _, parent, _) = found[i];
            step.Targets.Add(new(InvalidationTarget.ForKey(key), Chain: found.ChainOf(i)));
            levels[i] = parent < 0 ? 1 : levels[parent] + 1;
            Depth = Math.Max(Depth, levels[i]);
        }

        return step;
    }

    private void Add(Step step)
    {
        var number = _steps.Count;
        _steps.Add(step);
        if (step.Targets.Count > 0)
            _first = Math.Min(_first, number);
        foreach (var item in step.Targets)
        {
            if (item.Target.Kind == TargetKind.Key)
                _keys.TryAdd(item.Target.Text, number);
            else if (item.Target.Kind == TargetKind.Tag)
                _tags.TryAdd(item.Target.Text, number);
            else if (item.Target.IsSelector)
                _selectors.Add((item.Target, number));
            else
                _everything = Math.Min(_everything, number);
        }
    }

    /// <param name="Kind">Cause of the invalidation.</param>
    /// <param name="Rule">Name of the rule; null for any other cause.</param>
    /// <param name="Strategy">Strategy that determines when the targets are invalidated.</param>
    /// <param name="Missing">Number of placeholders of the rule without a value.</param>
    private sealed record Step(PreviewStepKind Kind, string? Rule, InvalidationStrategy Strategy, int Missing)
    {
        public List<InvalidationItem> Targets { get; } = [];

        public List<string> Samples { get; } = [];

        public long Entries { get; set; }

        public PreviewStep Preview() => new(
            Kind,
            Rule,
            Strategy,
            [.. Targets.Select(item => new ExplainedTarget(item.Target.Kind, item.Target.Text, Rule, item.Chain, MadeFrom: null))],
            Entries,
            Samples,
            Missing);
    }
}
