namespace Unstale;

/// <summary>Collected calls, and the outcomes that wait for their end.</summary>
internal sealed record ScopeTaken(IReadOnlyList<ScopeItem> Items, IReadOnlyDictionary<IScopeRaiser, List<ScopeOutcome>> Outcomes)
{
    public void Drop()
    {
        foreach (var outcome in Outcomes.Values.SelectMany(static outcomes => outcomes))
            outcome.End(receipt: null);
    }
}
