using Unstale.Horizon;
using Unstale.Log;
using Unstale.Node;

namespace Unstale;

/// <summary>Appends the calls collected by a unit of work, as one record per log.</summary>
/// <param name="Ended">Task that completes when each log has its record, or has not accepted it in time. Never fails.</param>
internal sealed record ScopeRaise(Task<Exception?[]> Ended)
{
    public static ScopeRaise Nothing { get; } = new(Task.FromResult<Exception?[]>([]));

    /// <summary>Starts to append the records. All are in force on this node on return.</summary>
    public static ScopeRaise Begin(ScopeTaken taken)
    {
        var items = taken.Items.ToLookup(static item => item.By.Log);
        var logs = taken.Outcomes.GroupBy(static of => of.Key.Log);
        return new(Task.WhenAll(logs.Select(log => RaiseAsync([.. items[log.Key]], log.ToDictionary())).ToList()));
    }

    private static async Task<Exception?> RaiseAsync(List<ScopeItem> items, Dictionary<IScopeRaiser, List<ScopeOutcome>> outcomes)
    {
        try
        {
            var expanded = items.ConvertAll(static item => (Item: item, Records: item.Records()));
            var now = Merged([.. expanded.SelectMany(static of => of.Records.Now)]);
            var raised = now.Count == 0 ? null : outcomes.Keys.First().RaiseAsync(now).AsTask();
            var batches = expanded.Where(static of => of.Records.Later is not null).GroupBy(static of => of.Item.By, static of => of.Records.Later!)
                .ToDictionary(static of => of.Key, static of => of.Key.Schedule(Merged([.. of])[0]));
            foreach (var (item, records) in expanded)
                Repeat(item, records.Now);
            var operation = raised is null ? null : await raised.ConfigureAwait(false);
            LogAwayException? away = null;
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

    private static void Repeat(ScopeItem item, List<Invalidation> records)
    {
        if (item.RepeatAfter <= TimeSpan.Zero)
            return;
        foreach (var record in records)
            item.By.Repeat(record, item.RepeatAfter);
    }

    /// <summary>Merges records into one for each combination of flags, the strictest first. Each target is named in one record only.</summary>
    private static List<Invalidation> Merged(List<Invalidation> all)
    {
        if (all.Count <= 1)
            return all;
        var named = new HashSet<InvalidationTarget>();
        var merged = new List<Invalidation>();
        foreach (var alike in all.GroupBy(static one => one.Flags).OrderBy(static one => one.Key))
        {
            var batch = new Batch(named);
            foreach (var one in alike)
                batch.Add(one);
            if (batch.Count > 0)
                merged.Add(batch.ToInvalidation() with { Flags = alike.Key });
        }

        return merged;
    }
}
