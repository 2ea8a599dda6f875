namespace Unstale.Rules;

/// <summary>Counts the entries that a change would take.</summary>
/// <param name="plan">What the change takes.</param>
/// <param name="samples">How many keys of each step are kept.</param>
/// <param name="limit">Counting ends one above it.</param>
internal sealed class ChangeTally(ChangePlan plan, int samples = 0, long limit = long.MaxValue - 1)
{
    private readonly long[] _entries = new long[plan.Steps.Count];
    private readonly List<string>[] _samples = [.. plan.Steps.Select(static _ => new List<string>())];

    public long Entries { get; private set; }

    public bool IsAbove => Entries > limit;

    /// <summary>An entry is held.</summary>
    /// <returns>False if no more need be counted.</returns>
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
        [.. step.Targets.Select(named => new PreviewTarget(named.Target.Kind, named.Target.Text, named.Chain))],
        _entries[number],
        _samples[number],
        step.Missing);
}
