using Unstale.Log;

namespace Unstale.Transactions;

/// <summary>Appends the calls collected by a unit of work, as one record per log.</summary>
/// <param name="Ended">Task that completes when each log has its record, or has not accepted it in time. Never fails.</param>
internal sealed record ScopeCommit(Task<Exception?[]> Ended)
{
    public static ScopeCommit Nothing { get; } = new(Task.FromResult<Exception?[]>([]));

    /// <summary>Starts to append the records. All are in force on this node on return.</summary>
    /// <param name="items">Collected calls.</param>
    /// <param name="outcomes">Outcomes that wait for their end.</param>
    public static ScopeCommit Begin(IReadOnlyList<ScopeItem> items, IReadOnlyDictionary<IScopeRaiser, List<ScopeOutcome>> outcomes)
    {
        var calls = items.ToLookup(static item => item.By.Log);
        var logs = outcomes.GroupBy(static of => of.Key.Log);
        return new(Task.WhenAll(logs.Select(log => RaiseAsync([.. calls[log.Key]], log.ToDictionary())).ToList()));
    }

    private static async Task<Exception?> RaiseAsync(List<ScopeItem> items, Dictionary<IScopeRaiser, List<ScopeOutcome>> outcomes)
    {
        try
        {
            var ended = items.Select(static item => (Item: item, Last: item.AtEnd())).Where(static of => of.Last.Count > 0)
                .Select(static of => (of.Item, Parts: of.Last.Split())).ToList();
            var now = Merged([.. ended.Select(static of => of.Parts.Now).OfType<Invalidation>()]);
            var raised = now.Count == 0 ? null : outcomes.Keys.First().RaiseAsync(now).AsTask();
            var batches = ended.Where(static of => of.Parts.Later is not null).GroupBy(static of => of.Item.By, static of => of.Parts.Later!)
                .ToDictionary(static of => of.Key, static of => of.Key.InvalidateLater(Merged([.. of])[0]));
            foreach (var (item, parts) in ended)
                Repeat(item, parts.Now);
            var operation = raised is null ? null : await raised.ConfigureAwait(false);
            InvalidationLogUnavailableException? away = null;
            foreach (var (raiser, waiting) in outcomes)
            {
                var receipt = new InvalidationReceipt(operation, raiser.Log, batches.GetValueOrDefault(raiser));
                waiting.ForEach(outcome => outcome.End(receipt));
                away = raiser.AwayOf(receipt);
            }

            return away;
        }
        catch (Exception exception)
        {
            foreach (var (raiser, waiting) in outcomes)
            {
                raiser.CouldNotRaise(exception);
                waiting.ForEach(outcome => outcome.Fail(exception));
            }

            return exception;
        }
    }

    private static void Repeat(ScopeItem item, Invalidation? raised)
    {
        if (item.ReplicationLag > TimeSpan.Zero && raised is not null)
            item.By.Repeat(raised, item.ReplicationLag);
    }

    /// <summary>Merges invalidations into one for each combination of flags, the strictest first. Each target is named in one of them only.</summary>
    public static IReadOnlyList<Invalidation> Merged(IReadOnlyList<Invalidation> all)
    {
        if (all is [] or [{ HasOneTiming: true }])
            return all;
        var merged = new List<Invalidation>();
        using var targets = InvalidationBuilder.Rent();
        foreach (var alike in all.SelectMany(static one => one.ByTiming()).GroupBy(static one => one.Flags).OrderBy(static one => one.Key))
        {
            foreach (var one in alike)
                targets.Merge(one);
            if (targets.Detach() is { } detached)
                merged.Add(detached with { IsDirect = alike.First().IsDirect });
        }

        return merged;
    }
}
