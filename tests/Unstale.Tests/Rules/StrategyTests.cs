using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Unstale.Rules;
using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Rules;

/// <summary>Strategies of rules: times of invalidation from an application's view.</summary>
public sealed class StrategyTests
{
    private static readonly string[] Names =
    [
        "user", "user_profile", "user_session", "user_preferences", "user_forms", "navigation", "session", "product", "pricing", "calculation", "computed", "query",
        "job", "job_result", "widget", "widget_state", "form", "form_data", "form_state", "form_snapshot",
    ];

    public static TheoryData<InvalidationStrategy> Strategies => [.. Enum.GetValues<InvalidationStrategy>()];

    /// <summary>Tags that a write invalidates immediately, and tags at the flush.</summary>
    public static TheoryData<string, string, string> Defaults => new()
    {
        { "user", "user user_session user_preferences user_forms navigation", "" },
        { "user_profile", "user_profile user_session user_preferences user_forms", "" },
        { "session", "session user_session navigation", "" },
        { "product", "product pricing calculation computed query", "" },
        { "pricing", "pricing computed query", "" },
        { "calculation", "calculation computed query", "" },
        { "job", "job computed", "" },
        { "job_result", "job_result computed", "" },
        { "widget", "widget", "form_state" },
        { "widget_state", "widget_state", "form_state" },
        { "form", "form", "form_state form_snapshot widget_state" },
        { "form_data", "form_data", "form_state form_snapshot" },
    };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Defaults))]
    public async Task The_default_rules_invalidate_one_entry_per_tag_at_once_or_at_the_flush(string resource, string atOnce, string atFlush)
    {
        await using var test = new AppliedRules(services: static s => s.AddUnstale().AddDefaultRules());
        await test.LoadAsync(Names);
        var receipt = await test.Invalidator.ChangedAsync(resource, null, cancellationToken: Stop);
        Assert.Equal(Sorted(atOnce), test.Gone(Names).Order(StringComparer.Ordinal));
        Assert.Equal(atFlush.Length == 0 ? ReceiptState.Applied : ReceiptState.Pending, receipt.State);
        var flushed = await Eventually.Ends("the flush ends", test.Invalidator.FlushAsync(Stop).AsTask(), test.Test.Sweep);
        Assert.Equal(Sorted(atFlush).Length, flushed);
        Assert.Equal(Sorted($"{atOnce} {atFlush}"), test.Gone(Names).Order(StringComparer.Ordinal));
        Assert.Equal(Sorted($"{atOnce} {atFlush}").Length, await Eventually.Ends("it is swept", receipt.WaitForReclaimAsync(Stop).AsTask(), test.Test.Sweep));
        Assert.Equal(0, await test.Invalidator.FlushAsync(Stop));
    }

    [Fact]
    public async Task A_change_is_appended_as_one_record_for_each_timing_of_its_targets()
    {
        await using var test = new AppliedRules(static rules =>
        {
            rules.Relate("product", "shelf");
            rules.When("product").Named("lazy").Invalidate("slow").Strategy(InvalidationStrategy.Lazy);
            rules.When("product").Named("once").Invalidate("old").Strategy(InvalidationStrategy.Lazy).ServeStaleOnce();
            rules.When("product").Named("now").InvalidateKeys("k:{id}").Priority(5);
            rules.When("product").Named("cascade").Invalidate("total").Strategy(InvalidationStrategy.Cascade);
            rules.When("product").Named("later").Invalidate("later").Strategy(InvalidationStrategy.Batched);
        });
        var receipt = await test.Invalidator.ChangedAsync("product", 4, fields: ["price"], cancellationToken: Stop);
        Assert.Equal(
            ["product product:4 shelf shelf:4 Key k:4 total", "[Lazy] slow", "[Lazy, ServeStaleOnce] old"], test.Records);
        Assert.Equal(["2||\n2||product -> shelf\n1|now|\n1|cascade|", "1|lazy|", "1|once|"], test.Via);
        Assert.All(test.Reasons, reason => Assert.Equal("Update product 4 (price)", reason));
        Assert.Equal((ReceiptState.Pending, 3L), (receipt.State, receipt.Position.Sequence));
        test.Advance(100);
        Assert.Equal(("later", "1|later|", "Update product 4 (price)"), (test.Records[3], test.Via[3], test.Reasons[3]));
        Assert.Equal((ReceiptState.Applied, 3L), (receipt.State, receipt.Position.Sequence));
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public async Task A_rule_with_a_false_condition_invalidates_no_entry_and_counts_no_execution(InvalidationStrategy strategy)
    {
        await using var test = new AppliedRules(rules => rules.When("product").Named("r").Invalidate("t").InvalidateKeys("k").InvalidateGlobs("g*")
            .Relates("product", "shelf").DependsOn("d", "product").Where(static change => change.Context.ContainsKey("go")).Strategy(strategy));
        string[] names = ["t", "k", "g1", "shelf", "d"];
        await test.LoadAsync(names);
        var receipt = await test.Invalidator.ChangedAsync(new Change("product", "4"), Stop);
        Assert.Equal(0, await test.Invalidator.FlushAsync(Stop));
        Assert.Empty(test.Gone(names));
        Assert.Equal(ReceiptState.Applied, receipt.State);
        Assert.Equal(0, Assert.Single(test.Cache.GetStatistics().Rules.Details).Executions);

        await test.Invalidator.ChangedAsync("product", "4", context: new Dictionary<string, object?>(StringComparer.Ordinal) { ["go"] = 1 }, cancellationToken: Stop);
        await Eventually.Ends("the flush ends", test.Invalidator.FlushAsync(Stop).AsTask(), test.Test.Sweep);
        Assert.Equal(names, test.Gone(names));
        Assert.Equal(1, Assert.Single(test.Cache.GetStatistics().Rules.Details).Executions);
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public async Task A_condition_that_throws_counts_as_true_and_is_logged_as_a_warning_once(InvalidationStrategy strategy)
    {
        using var log = new CapturedLog();
        await using var test = new AppliedRules(
            rules => rules.When("product").Named("bad").Invalidate("t").Where(static _ => throw new InvalidOperationException("boom")).Strategy(strategy),
            services: s => s.AddLogging(l => l.SetMinimumLevel(LogLevel.Trace).AddProvider(log)));
        await test.LoadAsync("t");
        for (var i = 0; i < 3; i++)
            await test.Invalidator.ChangedAsync("product", 4, cancellationToken: Stop);
        test.Advance(100);
        Assert.False(test.Holds("t"));
        Assert.Equal(3, log.Times("the condition of the rule bad threw"));
        Assert.Single(log.Texts(LogLevel.Warning));
        Assert.Equal((3, 3), Assert.Single(test.Cache.GetStatistics().Rules.Details) is var rule ? (rule.ConditionFailures, rule.Executions) : default);
    }

    [Fact]
    public async Task A_lazily_invalidated_entry_is_counted_whether_a_read_or_a_sweep_removes_it()
    {
        await using var test = new AppliedRules(static rules => rules.When("product").Invalidate("t", "u").Strategy(InvalidationStrategy.Lazy));
        await test.LoadAsync("t", "u", "product");
        await test.Invalidator.ChangedAsync("product", 4, scope: ChangeScope.Entity, cancellationToken: Stop);
        Assert.Equal(3, test.Cache.GetStatistics().Entries);
        Assert.False(test.Holds("t"));
        Assert.Equal(2, test.Cache.GetStatistics().Entries);
        test.Advance(100);
        Assert.Equal(1, test.Cache.GetStatistics().Entries);
        Assert.Equal(2, Assert.Single(test.Cache.GetStatistics().Rules.Details).Entries);
    }

    [Fact]
    public async Task With_a_ServeStaleOnce_rule_the_next_reader_gets_the_old_value_once_during_the_new_load()
    {
        await using var test = new AppliedRules(
            static rules => rules.When("product").Invalidate("list").Strategy(InvalidationStrategy.Lazy).ServeStaleOnce(),
            o => o.DataTypes["list"] = new UnstaleEntryOptions { FreshFor = TimeSpan.FromMinutes(1), Expiration = TimeSpan.FromMinutes(5) });
        var value = "old";
        async Task<CacheResult<string>> ReadAsync() =>
            await test.Cache.GetOrCreateResultAsync("list", (_, _) => new ValueTask<string>(value), tags: ["list"], cancellationToken: Stop);
        await ReadAsync();
        value = "new";
        await test.Invalidator.ChangedAsync("product", 4, cancellationToken: Stop);
        Assert.Equal(new CacheResult<string>("old", CacheOutcome.Stale), await ReadAsync());
        CacheResult<string> next = default;
        await Eventually.Holds("the value is loaded anew", () => test.Cache.TryGet("list", out string held) && held == "new");
        next = await ReadAsync();
        Assert.Equal("new", next.Value);
        await test.Invalidator.InvalidateTagAsync("list", cancellationToken: Stop);
        value = "newest";
        Assert.Equal(new CacheResult<string>("newest", CacheOutcome.Load), await ReadAsync());
    }

    [Fact]
    public async Task A_missing_placeholder_value_is_logged_once_for_each_rule_and_counted()
    {
        using var log = new CapturedLog();
        await using var test = new AppliedRules(
            static rules => rules.When("post").Named("feeds").InvalidateKeys("feed:{author}:first"), services: s => s.AddLogging(l => l.AddProvider(log)));
        await test.LoadAsync("feed:7:first", "feed:7:second");
        await test.Invalidator.ChangedAsync("post", 1, cancellationToken: Stop);
        await test.Invalidator.ChangedAsync("post", 2, cancellationToken: Stop);
        Assert.Equal(["feed:7:first"], test.Gone("feed:7:first", "feed:7:second"));
        Assert.Equal(1, log.Times("a placeholder of the rule feeds found no value"));
        Assert.Equal(2, Assert.Single(test.Cache.GetStatistics().Rules.Details).MissingValues);
    }

    [Fact]
    public async Task A_rule_target_longer_than_any_key_is_skipped_without_a_refusal()
    {
        await using var test = new AppliedRules(
            static rules => rules.When("post").Invalidate("by:{author}").InvalidateKeys("of:{author}"), o => o.MaximumKeyLength = 16);
        await test.Invalidator.ChangedAsync(
            "post", "1", context: new Dictionary<string, object?>(StringComparer.Ordinal) { ["author"] = new string('a', 20) }, cancellationToken: Stop);
        Assert.Equal(["post post:1"], test.Records);
        await Assert.ThrowsAsync<ArgumentException>(() => test.Invalidator.ChangedAsync("post", new string('1', 20), cancellationToken: Stop).AsTask());
    }

    private static string[] Sorted(string names) => [.. names.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
}
