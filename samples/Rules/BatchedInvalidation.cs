using Unstale.Rules;

namespace RulesSample;

/// <summary>Batched invalidation: frequent changes wait for a moment and are invalidated together.</summary>
internal static class BatchedInvalidation
{
    public static async Task RunAsync(TextWriter output)
    {
        await using var example = new Example(output, static rules => rules
            .When("widget").Named("widget_state").Invalidate("form_state").Strategy(InvalidationStrategy.Batched));
        var invalidator = example.Invalidator;

        await example.HoldAsync("form 1", "form_state");
        await example.HoldAsync("form 2", "form_state");
        await example.HoldAsync("widget 7", "widget:7");

        var receipt = await invalidator.ChangedAsync("widget", 7);
        await example.ShowAsync($"widget 7 was updated ({receipt.State})");

        await invalidator.ChangedAsync("widget", 8);
        invalidator.InvalidateLater(keys: ["form 1"], tags: ["form_state", "widget:7"]);
        var pending = example.Cache.GetStatistics().Rules;
        await example.SayAsync($"waiting: tags {pending.PendingTags}, keys {pending.PendingKeys}");

        await example.SayAsync($"entries flushed: {await invalidator.FlushAsync()}");
        await example.ShowAsync($"after the flush ({receipt.State})");
        await example.SayAsync($"entries flushed again: {await invalidator.FlushAsync()}");
    }
}
