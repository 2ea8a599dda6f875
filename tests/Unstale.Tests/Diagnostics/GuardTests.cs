using Unstale.Rules;
using Unstale.Tests.Cluster;
using Xunit;

namespace Unstale.Tests.Diagnostics;

/// <summary>Changes above the limits of the guard.</summary>
public sealed class GuardTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_change_above_the_entry_limit_of_the_guard_is_refused_without_any_effect()
    {
        await using var test = new CacheUnderTest(o => o.ChangeGuard = new() { MaximumEntries = 2, WhenExceeded = ChangeGuardAction.Refuse });
        test.Cache.Rules.Add(RuleBuilder.When("user").Named("now").Invalidate("t").Build());
        test.Cache.Rules.Add(RuleBuilder.When("user").Named("later").Invalidate("later").Strategy(InvalidationStrategy.Batched).Build());
        await LoadAsync(test, "a", "t");
        await LoadAsync(test, "b", "later");
        await LoadAsync(test, "c", "user");
        var change = new Change("user", "7");
        var refused = await Assert.ThrowsAsync<ChangeRefusedException>(async () => await test.Invalidator.ChangedAsync(change, Stop));
        Assert.Same(change, refused.Change);
        Assert.Equal(
            "The change 'Update user 7' was not raised: it would invalidate more than 2 entries of this process (ChangeGuard.MaximumEntries). The affected values are still "
            + "served. PreviewAsync shows the number of entries per name; narrow the change or the rules, raise the limit, or invalidate by name.",
            refused.Message);
        Assert.Equal(0, await test.Invalidator.FlushAsync(Stop));
        Assert.All(["a", "b", "c"], key => Assert.True(test.Cache.TryGet(key, out string _)));
        Assert.Equal(0, test.Cache.GetLogState().Position.Sequence);
        var statistics = test.Cache.GetStatistics();
        Assert.Equal(1, statistics.ChangesExceeded);
        Assert.All(statistics.Rules.Details, rule => Assert.Equal(0, rule.Executions));
    }

    [Fact]
    public async Task A_change_at_the_limits_of_the_guard_is_appended()
    {
        await using var test = new CacheUnderTest(o => o.ChangeGuard = new() { MaximumEntries = 2, MaximumDepth = 1, WhenExceeded = ChangeGuardAction.Refuse });
        test.Cache.Rules.AddRelationship(new DataRelationship("user", ["session"]));
        await LoadAsync(test, "a", "user");
        await LoadAsync(test, "b", "session");
        await test.Invalidator.ChangedAsync("user", "7", cancellationToken: Stop);
        Assert.False(test.Cache.TryGet("a", out string _));
        Assert.Equal(0, test.Cache.GetStatistics().ChangesExceeded);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_change_above_the_depth_limit_of_the_guard_is_refused(bool byDependencies)
    {
        await using var test = new CacheUnderTest(o => o.ChangeGuard = new() { MaximumDepth = 1, WhenExceeded = ChangeGuardAction.Refuse });
        if (byDependencies)
        {
            test.Cache.Rules.AddDependency("a", "user");
            test.Cache.Rules.AddDependency("b", "a");
        }
        else
        {
            test.Cache.Rules.AddRelationship(new DataRelationship("user", ["session"]) { Depth = 2 });
            test.Cache.Rules.AddRelationship(new DataRelationship("session", ["form"]));
        }

        var refused = await Assert.ThrowsAsync<ChangeRefusedException>(async () => await test.Invalidator.ChangedAsync("user", "7", cancellationToken: Stop));
        Assert.StartsWith(
            "The change 'Update user 7' was not raised: it would walk 2 levels of relationships or dependencies, and ChangeGuard.MaximumDepth is 1. ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task By_default_a_change_above_the_limits_is_appended_counted_and_logged_once_a_minute()
    {
        await using var cluster = new TestCluster(1, o => o.ChangeGuard = new() { MaximumEntries = 0 });
        var (cache, log) = (cluster.A.Cache, cluster.A.Log);
        await ExceedAsync(cache);
        Assert.True(log.Says("Cache shop: a change was raised that exceeds ChangeGuard: MaximumEntries is 0, MaximumDepth is (null). Logged at most once a minute."));
        Assert.False(cache.TryGet("k", out string _));
        await ExceedAsync(cache);
        Assert.Equal((2, 1), (cache.GetStatistics().ChangesExceeded, log.Times("exceeds ChangeGuard")));
        cluster.Advance(61);
        await ExceedAsync(cache);
        Assert.Equal((3, 2), (cache.GetStatistics().ChangesExceeded, log.Times("exceeds ChangeGuard")));
    }

    [Fact]
    public async Task The_guard_does_not_limit_targets_named_by_the_caller()
    {
        await using var test = new CacheUnderTest(o => o.ChangeGuard = new() { MaximumEntries = 0, WhenExceeded = ChangeGuardAction.Refuse });
        await LoadAsync(test, "k", "t");
        await test.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        Assert.False(test.Cache.TryGet("k", out string _));
    }

    [Fact]
    public async Task Validate_reports_only_tags_that_no_entry_has()
    {
        await using var test = new CacheUnderTest();
        test.Cache.Rules.Add(RuleBuilder.When("user").Named("r").Invalidate("carried", "mistyped").Build());
        await LoadAsync(test, "k", "carried");
        var finding = Assert.Single(test.Cache.Rules.Validate());
        Assert.Equal((RuleWarningKind.UnusedTag, "r"), (finding.Kind, finding.Rule));
        Assert.Contains("'mistyped'", finding.Message, StringComparison.Ordinal);
    }

    private static async Task ExceedAsync(UnstaleCache cache)
    {
        await cache.GetOrCreateAsync("k", static _ => new ValueTask<string>("v"), tags: ["user"], cancellationToken: Stop);
        await cache.Invalidator.ChangedAsync("user", "7", cancellationToken: Stop);
    }

    private static ValueTask<string> LoadAsync(CacheUnderTest test, string key, params string[] tags) =>
        test.Cache.GetOrCreateAsync(key, static _ => new ValueTask<string>("v"), tags: tags, cancellationToken: Stop);
}
