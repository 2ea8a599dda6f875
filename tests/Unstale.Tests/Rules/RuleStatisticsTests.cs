using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Unstale.Rules;
using Unstale.Tests.Support;
using Unstale.Tests.Telemetry;
using Xunit;

namespace Unstale.Tests.Rules;

/// <summary>Statistics of rules: runs, removed entries, and names.</summary>
public sealed class RuleStatisticsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Runs_and_removed_entries_are_counted_for_each_rule_and_for_the_names_of_the_change()
    {
        await using var test = Several();
        await LoadAsync(test);
        await test.Invalidator.ChangedAsync("product", 1, cancellationToken: Stop);
        test.Test.Sweep();
        await test.Invalidator.ChangedAsync("product", 2, ChangeOperation.Delete, cancellationToken: Stop);
        await Eventually.Ends("the flush ends", test.Invalidator.FlushAsync(Stop).AsTask(), test.Test.Sweep);
        var rules = test.Cache.GetStatistics().Rules;
        Assert.Equal(
            [("first", 2, 3), ("lists", 2, 2), ("gone", 1, 1), ("later", 2, 4)],
            rules.Details.Select(rule => (rule.Name, (int)rule.Executions, (int)rule.Entries)));
        Assert.Equal((11, 1), (rules.EntriesInvalidated, rules.EntriesOfChanges));
        Assert.Equal(
            [(InvalidationStrategy.Immediate, 3), (InvalidationStrategy.Batched, 2), (InvalidationStrategy.Lazy, 2), (InvalidationStrategy.Cascade, 0)],
            rules.Activations.OrderBy(pair => pair.Key).Select(pair => (pair.Key, (int)pair.Value)));
        var first = rules.Details[0];
        Assert.Equal((InvalidationStrategy.Immediate, 9), (first.Strategy, first.Priority));
        Assert.Equal(["product"], first.Triggers);
        Assert.Equal(test.Test.Clock.Start + TimeSpan.FromMilliseconds(200), first.LastExecution);
    }

    [Fact]
    public async Task Pending_targets_rules_and_dependencies_are_counted_by_kind()
    {
        await using var test = Several();
        test.Cache.Rules.AddRelationship(new DataRelationship("a", ["b"]));
        test.Cache.Rules.AddDependency("sum", "x", "y");
        test.Invalidator.InvalidateLater(["k1", "k2", "k1"], ["t"]);
        await test.Invalidator.ChangedAsync("product", 1, cancellationToken: Stop);
        var rules = test.Cache.GetStatistics().Rules;
        Assert.Equal((2, 2, 1), (rules.PendingTags, rules.PendingKeys, rules.PendingPatterns));
        Assert.Equal((4, 2, TimeSpan.FromMilliseconds(100)), (rules.Rules, rules.Dependencies, rules.BatchDelay));
        Assert.Equal([new DataRelationship("a", ["b"])], rules.Relationships);
        test.Advance(100);
        rules = test.Cache.GetStatistics().Rules;
        Assert.Equal((0, 0, 0), (rules.PendingTags, rules.PendingKeys, rules.PendingPatterns));
        Assert.Equal(0, rules.EntriesInvalidated);
    }

    [Fact]
    public async Task Runs_of_a_removed_rule_stay_in_the_totals_and_entries_of_other_calls_count_for_no_rule()
    {
        await using var test = Several();
        await LoadAsync(test);
        await test.Invalidator.ChangedAsync("product", 1, cancellationToken: Stop);
        Assert.True(test.Cache.Rules.Remove("first"));
        await test.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop);
        test.Test.Sweep();
        var rules = test.Cache.GetStatistics().Rules;
        Assert.Equal(3, rules.Rules);
        Assert.Equal(1, rules.Activations[InvalidationStrategy.Immediate]);
        Assert.Equal((12, 1), (rules.EntriesInvalidated, rules.EntriesOfChanges));
        Assert.Equal(2, rules.Details.Sum(rule => rule.Entries));
    }

    [Fact]
    public async Task The_metrics_of_executed_rules_equal_their_statistics()
    {
        var name = Guid.NewGuid().ToString();
        using var listener = new Measurements("unstale.cache.name", name);
        await using var services = new ServiceCollection().AddSingleton<TimeProvider>(new FakeTimeProvider()).AddUnstale(name).AddRules(static rules =>
        {
            rules.When("product").Named("ran").InvalidateKeys("k").Where(static _ => throw new InvalidOperationException("boom"));
            rules.When("product").Named("missed").InvalidateKeys("x:{author}").Strategy(InvalidationStrategy.Batched);
            rules.When("user").Named("idle").Invalidate("u");
        }).Services.BuildServiceProvider();
        var cache = services.GetRequiredKeyedService<UnstaleCache>(name);
        await cache.SetAsync("k", 1, cancellationToken: Stop);
        await cache.Invalidator.ChangedAsync("product", 1, cancellationToken: Stop);
        Assert.Equal(
            new Dictionary<string, double>(StringComparer.Ordinal)
            {
                ["unstale.rules.executions/ran"] = 1,
                ["unstale.rules.executions/missed"] = 1,
                ["unstale.rules.entries/ran"] = 1,
                ["unstale.rules.entries/missed"] = 0,
                ["unstale.rules.condition.failures/ran"] = 1,
                ["unstale.rules.condition.failures/missed"] = 0,
                ["unstale.rules.values.missing/ran"] = 0,
                ["unstale.rules.values.missing/missed"] = 1,
                ["unstale.rules.activations/immediate"] = 1,
                ["unstale.rules.activations/batched"] = 1,
                ["unstale.rules.activations/lazy"] = 0,
                ["unstale.rules.activations/cascade"] = 0,
                ["unstale.rules.pending/tag"] = 0,
                ["unstale.rules.pending/key"] = 0,
                ["unstale.rules.pending/pattern"] = 1,
            },
            listener.Read().Where(pair => pair.Key.StartsWith("unstale.rules", StringComparison.Ordinal)).ToDictionary());
        await cache.DisposeAsync();
        Assert.Empty(listener.Read());
    }

    private static AppliedRules Several() => new(static rules =>
    {
        rules.When("product").Named("first").Invalidate("first").InvalidateKeys("by-key").Priority(9);
        rules.When("product").Named("lists").Invalidate("lists").Strategy(InvalidationStrategy.Lazy);
        rules.When("product").Named("gone").Invalidate("gone", "first").On(ChangeOperation.Delete);
        rules.When("product").Named("later").Invalidate("later").InvalidateGlobs("late*").Strategy(InvalidationStrategy.Batched);
    });

    /// <summary>Stores one entry that the change names, three of the first rule, two of the second, one of the third, four of the fourth, one of none.</summary>
    private static async Task LoadAsync(AppliedRules test)
    {
        foreach (var (key, tag) in new[]
        {
            ("p", "product:1"), ("f1", "first"), ("f2", "first"), ("by-key", "x"), ("l1", "lists"), ("l2", "lists"), ("g", "gone"), ("b1", "later"), ("b2", "later"),
            ("late1", "x"), ("late2", "x"), ("apart", "x"),
        })
        {
            await test.Cache.SetAsync(key, "1", tags: [tag], cancellationToken: Stop);
        }
    }
}
