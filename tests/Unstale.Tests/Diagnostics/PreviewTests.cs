using Unstale.Log;
using Unstale.Rules;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Diagnostics;

/// <summary>Previews of a change before it is raised.</summary>
public sealed class PreviewTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static ExplainedTarget Of(string tag, string? chain = null) => new(TargetKind.Tag, tag, "high", chain, MadeFrom: null);

    [Fact]
    public async Task A_preview_lists_each_rule_with_its_targets_and_the_entries_invalidated_first_by_the_rule()
    {
        await using var test = new CacheUnderTest();
        test.Cache.Rules.Add(RuleBuilder.When("product").Named("low").Invalidate("search").Priority(1).Build());
        test.Cache.Rules.Add(RuleBuilder.When("product").Named("high").Invalidate("catalogue").Priority(2).Relates("product", ["pricing"]).Build());
        await LoadAsync(test, "product:7", "product:7");
        await LoadAsync(test, "page:catalogue", "catalogue", "search");
        await LoadAsync(test, "page:search", "search");
        await LoadAsync(test, "price", "pricing:7");
        await LoadAsync(test, "total");
        test.Cache.Rules.AddDependency("total", "product:7"); // declared afterwards, so that the entry does not carry the mark
        await LoadAsync(test, "else", "other");
        var preview = await test.Cache.PreviewAsync(new Change("product", "7"), cancellationToken: Stop);
        Assert.Equal(
            ["Change  1 product:7", "Rule high 2 page:catalogue price", "Rule low 1 page:search", "Dependents  1 total"],
            preview.Steps.Select(step => $"{step.Kind} {step.Rule} {step.Entries} {string.Join(' ', step.Samples.Order(StringComparer.Ordinal))}"));
        Assert.Equal((5, 1, 0), (preview.Entries, preview.Depth, preview.Missing));
        Assert.Equal(
            [Of("catalogue"), Of("pricing", "product -> pricing"), Of("pricing:7", "product -> pricing")],
            preview.Steps[1].Targets);
        Assert.Equal([new ExplainedTarget(TargetKind.Key, "total", Rule: null, "product:7 -> total", MadeFrom: null)], preview.Steps[3].Targets);
    }

    [Fact]
    public async Task A_preview_invalidates_no_entry_and_changes_no_statistics()
    {
        await using var test = new CacheUnderTest();
        test.Cache.Rules.Add(RuleBuilder.When("product").Named("r").Invalidate("t").Where(static _ => throw new InvalidOperationException("no")).Build());
        await LoadAsync(test, "k", "t");
        var preview = await test.Cache.PreviewAsync(new Change("product", "7"), cancellationToken: Stop);
        test.Sweep();
        Assert.Equal(1, preview.Entries);
        Assert.True(test.Cache.TryGet("k", out string _));
        var rule = Assert.Single(test.Cache.GetStatistics().Rules.Details);
        Assert.Equal((0, 0, null, 0, TimeSpan.Zero), (rule.Executions, rule.Entries, rule.LastExecution, rule.ConditionFailures, rule.SlowestCondition));
        Assert.Equal(0, test.Cache.GetLogState().Position.Sequence);
    }

    [Fact]
    public async Task A_preview_lists_the_pattern_used_for_a_missing_placeholder_value()
    {
        await using var test = new CacheUnderTest();
        test.Cache.Rules.Add(RuleBuilder.When("post").Named("r").InvalidateKeys("user:{author}:posts").Build());
        await LoadAsync(test, "user:1:posts");
        await LoadAsync(test, "user:2:posts");
        var preview = await test.Cache.PreviewAsync(new Change("post", "1"), samples: 1, Stop);
        Assert.Equal((2, 1, 1), (preview.Entries, preview.Missing, preview.Steps[1].Missing));
        Assert.Equal((new ExplainedTarget(TargetKind.Glob, "user:*:posts", "r", Chain: null, MadeFrom: null), 1), (Assert.Single(preview.Steps[1].Targets), preview.Steps[1].Samples.Count));
    }

    [Fact]
    public async Task More_than_ten_thousand_names_are_everything()
    {
        await using var test = new CacheUnderTest();
        test.Cache.Rules.Add(RuleBuilder.When("post").Named("r").InvalidateKeys("{ids}").Build());
        await LoadAsync(test, "k");
        var change = new Change("post", "1") { Context = new Dictionary<string, object?>(StringComparer.Ordinal) { ["ids"] = Enumerable.Range(0, 10_000).ToArray() } };
        var preview = await test.Cache.PreviewAsync(change, cancellationToken: Stop);
        Assert.Equal((1, PreviewStepKind.TooManyNames, 1), (preview.Entries, preview.Steps[^1].Kind, preview.Steps[^1].Entries));
        await test.Invalidator.ChangedAsync(change, Stop);
        Assert.False(test.Cache.TryGet("k", out string _));
    }

    [Fact]
    public async Task A_preview_does_not_count_expired_or_invalidated_entries()
    {
        await using var test = new CacheUnderTest();
        await LoadAsync(test, "a", "t");
        await LoadAsync(test, "b", "t", "u");
        await test.Cache.GetOrCreateAsync("c", static _ => new ValueTask<string>("v"), new UnstaleEntryOptions { Expiration = TimeSpan.FromSeconds(1) }, ["t"], Stop);
        await test.Invalidator.InvalidateTagAsync("u", cancellationToken: Stop);
        test.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(1, (await test.Cache.PreviewAsync(new Change("t"), cancellationToken: Stop)).Entries);
    }

    [Fact]
    public async Task PreviewAsync_throws_for_an_empty_resource_a_negative_number_of_samples_and_a_cancelled_token()
    {
        await using var test = new CacheUnderTest();
        await Assert.ThrowsAsync<ArgumentException>(async () => await test.Cache.PreviewAsync(new Change(""), cancellationToken: Stop));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await test.Cache.PreviewAsync(new Change("a"), -1, Stop));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await test.Cache.PreviewAsync(new Change("a"), cancellationToken: new(canceled: true)));
    }

    /// <summary>Rules, dependencies, entries and changes, drawn from few names so that they overlap.</summary>
    [Fact]
    public void The_count_of_a_preview_equals_the_removals_of_the_change() =>
        Property.HoldsFor(PreviewStepOf.Any, steps => RunAsync(steps).GetAwaiter().GetResult(), runs: 150, steps: 40);

    private static async Task RunAsync(PreviewStepOf[] steps)
    {
        await using var test = new CacheUnderTest();
        foreach (var step in steps)
        {
            if (step.Change is not { } change)
            {
                await step.DoAsync(test);
                continue;
            }

            test.Sweep();
            var preview = await test.Cache.PreviewAsync(change, cancellationToken: Stop);
            Assert.Equal(preview.Entries, preview.Steps.Sum(found => found.Entries));
            var before = test.Cache.GetStatistics().Entries;
            await test.Invalidator.ChangedAsync(change, Stop);
            await Eventually.Ends("the flush ends", test.Invalidator.FlushAsync(Stop).AsTask(), test.Sweep);
            test.Sweep();
            Assert.Equal(preview.Entries, before - test.Cache.GetStatistics().Entries);
        }
    }

    private static ValueTask<string> LoadAsync(CacheUnderTest test, string key, params string[] tags) =>
        test.Cache.GetOrCreateAsync(key, static _ => new ValueTask<string>("v"), tags: tags, cancellationToken: Stop);
}
