namespace Unstale.Rules;

/// <summary>Counts the entries that a change would invalidate.</summary>
/// <param name="plan">Plan of the change.</param>
/// <param name="samples">Maximum number of keys stored for each step. Default: 0.</param>
/// <param name="limit">Limit for the number of entries. Counting ends when the limit is exceeded.</param>
internal sealed class ChangeTally(ChangePlan plan, int samples = 0, long limit = long.MaxValue - 1)
{
    private readonly long[] _entries = new long[plan.Steps.Count];
    private readonly List<string>[] _samples = [.. plan.Steps.Select(static _ => new List<string>())];

    public long Entries { get; private set; }

    public bool IsAbove => Entries > limit;

    /// <summary>Counts a held entry.</summary>
    /// <returns>False if no further entry needs to be counted, because the limit is exceeded.</returns>
    public bool Look(string key, string[] names)
    {
        var step = plan.StepOf(key, names);
        if (step < 0)
            return true;
        _entries[step]++;
        Entries++;
        if (_samples[step].Count < samples)
            _samples[step].Add(key);
        return !IsAbove;
    }

    public ChangePreview Preview() => new([.. plan.Steps.Select(Step)], Entries, plan.Depth, plan.Missing);

    private PreviewStep Step(PlannedStep step, int number) => new(
        step.Kind,
        step.Rule,
        step.Strategy,
        [.. step.Targets.Select(named => new ExplainedTarget(named.Target.Kind, named.Target.Text, step.Rule, named.Chain, MadeFrom: null))],
        _entries[number],
        _samples[number],
        step.Missing);
}
