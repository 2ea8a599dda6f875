using Unstale.Rules;
using Xunit;

namespace Unstale.Tests.Diagnostics;

public sealed class ExplainExample : IAsyncDisposable
{
    private readonly CacheUnderTest _test = new(o =>
    {
        o.ChangeGuard = new ChangeGuard { MaximumEntries = 1_000, MaximumDepth = 2, WhenExceeded = ChangeGuardAction.Refuse };
    });

    private readonly UnstaleCache cache;

    public ExplainExample()
    {
        cache = _test.Cache;
        cache.Rules.Add(RuleBuilder.When("product").Named("catalogue").Invalidate("catalogue").Build());
    }

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task An_explanation_names_the_rule_that_invalidated_a_key()
    {
        await cache.GetOrCreateAsync("page:1", static _ => new ValueTask<string>("v"), tags: ["catalogue"], cancellationToken: TestContext.Current.CancellationToken);
        await cache.Invalidator.ChangedAsync("product", "7", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("tag 'catalogue' (rule 'catalogue') because of Update product 7", await WhyAsync("page:1"));
    }

    [Fact]
    public async Task A_preview_lists_the_entries_that_a_change_would_invalidate()
    {
        await cache.GetOrCreateAsync("page:1", static _ => new ValueTask<string>("v"), tags: ["catalogue"], cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["the change: 0", "catalogue: 1"], await WouldTakeAsync("7"));
        Assert.Empty(cache.Rules.Validate());
    }

    private async Task<string> WhyAsync(string key)
    {
        var explanation = await cache.ExplainAsync(key);
        return explanation.TakenBy is { } record
            ? $"{record.Target} because of {record.Reason}"     // tag 'catalogue' (rule 'catalogue') because of Update product 7
            : explanation.ToString();                           // 'page:1' is live; it was stored 3.2 s ago and expires in 296.8 s.
    }

    private async Task<string[]> WouldTakeAsync(string product)
    {
        var preview = await cache.PreviewAsync(new Change("product", product));
        return [.. preview.Steps.Select(step => $"{step.Rule ?? "the change"}: {step.Entries}")];
    }
}
