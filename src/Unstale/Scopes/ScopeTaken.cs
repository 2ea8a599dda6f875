namespace Unstale;

/// <summary>What was collected, and who waits for what becomes of it.</summary>
internal sealed record ScopeTaken(IReadOnlyList<ScopeItem> Items, IReadOnlyDictionary<IScopeRaiser, List<ScopeOutcome>> Outcomes)
{
    public void Drop()
    {
        foreach (var outcome in Outcomes.Values.SelectMany(static outcomes => outcomes))
            outcome.End(receipt: null);
    }
}
