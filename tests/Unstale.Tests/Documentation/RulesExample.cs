using Microsoft.Extensions.DependencyInjection;
using Unstale.Rules;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Documentation;

/// <summary>Examples of docs/rules.md, executed.</summary>
public sealed class RulesExample : IAsyncDisposable
{
    private readonly CacheUnderTest _test = new(services: AddRules);
    private readonly UnstaleCache cache;
    private readonly IInvalidator invalidator;
    private readonly InvalidationRules rules;
    private int _reads;

    public RulesExample()
    {
        cache = _test.Cache;
        invalidator = _test.Invalidator;
        rules = _test.Services.GetRequiredService<InvalidationRules>();
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task A_change_invalidates_the_targets_of_its_rules_at_the_times_of_their_strategies()
    {
        await HoldAsync("catalogue", "price_list", "order_items:9", "order_items:8");
        await HoldAsync("pricing:4", "calculation:4");

        var receipt = await invalidator.ChangedAsync(new Change("product", "4") { Fields = ["price"] }, Stop);
        Assert.Equal((ReceiptState.Pending, false, true), (receipt.State, IsHeld("catalogue"), IsHeld("price_list")));
        await Eventually.Ends("the flush ends", invalidator.FlushAsync(Stop).AsTask(), _test.Sweep);
        Assert.False(IsHeld("price_list"));
        await cache.RemoveAsync("pricing:4", Stop);
        Assert.False(IsHeld("calculation:4"));
        await invalidator.ChangedAsync("order", 9, cancellationToken: Stop);
        Assert.Equal((false, true), (IsHeld("order_items:9"), IsHeld("order_items:8")));
    }

    [Fact]
    public async Task A_rule_is_added_and_removed_while_changes_are_raised()
    {
        AddAtRunTime();
        await HoldAsync("user_session", "navigation:7");
        await invalidator.ChangedAsync("user", 7, cancellationToken: Stop);
        Assert.Equal((false, false), (IsHeld("user_session"), IsHeld("navigation:7")));
        Assert.Empty(rules.Validate(static _ => true));

        await HoldAsync("user_session", "navigation:7");
        Assert.True(rules.Remove("user_data_invalidation"));
        await invalidator.ChangedAsync("user", 7, cancellationToken: Stop);
        Assert.Equal((true, true), (IsHeld("user_session"), IsHeld("navigation:7")));
    }

    [Fact]
    public async Task A_single_reader_gets_the_old_shelf_while_the_shelf_is_loaded_anew()
    {
        Assert.Equal((0, CacheOutcome.Load), await ShelfAsync());
        await invalidator.ChangedAsync("stock", 4, cancellationToken: Stop);
        Assert.Equal((0, CacheOutcome.Stale), await ShelfAsync());
        Assert.Equal(1, (await ShelfAsync()).Value);
    }

    [Fact]
    public async Task Runs_and_entries_of_rules_are_counted()
    {
        await HoldAsync("catalogue");
        await invalidator.ChangedAsync("product", 4, cancellationToken: Stop);
        _test.Sweep();

        Assert.Contains("product -> catalogue+search: 1 runs, 1 entries, by Immediate", Counted());
    }

    [Fact]
    public void A_rule_with_a_misspelt_tag_is_reported()
    {
        rules.Add(RuleBuilder.When("page").Invalidate("serach").Build());

        Assert.Contains("UnusedTag: The rule 'page -> serach' invalidates the tag 'serach', which no entry has now. Check the spelling of the tag.", Found());
    }

    private static void AddRules(IServiceCollection services)
    {
        services.AddUnstale().AddRules(rules =>
        {
            rules.When("product").Invalidate("catalogue", "search").Priority(70);
            rules.When("product").OnFields("price").Invalidate("price_list").Strategy(InvalidationStrategy.Batched);
            rules.When("stock").Invalidate("shelf").Strategy(InvalidationStrategy.Lazy).ServeStaleOnce();
            rules.Relate("order", "order_items", "inventory");
            rules.AddDependency("calculation:4", "pricing:4");
        });
    }

    private void AddAtRunTime()
    {
        var user = new DataRelationship("user", ["session", "preferences", "navigation"]) { Kind = RelationshipKind.OneToMany, Depth = 2 };
        rules.Add(new InvalidationRule
        {
            Name = "user_data_invalidation",
            Triggers = ["user", "user_profile"],
            Tags = ["user_session", "user_preferences"],
            Strategy = InvalidationStrategy.Immediate,
            Priority = 100,
            Relationships = [user],
            Description = "Sessions and preferences of a user",
        });
    }

    private async Task<(int Value, CacheOutcome Outcome)> ShelfAsync()
    {
        var options = new UnstaleEntryOptions { Expiration = TimeSpan.FromMinutes(5), FreshFor = TimeSpan.FromMinutes(4) };
        var shelf = await cache.GetOrCreateResultAsync("shelf:1", (_, _) => new ValueTask<int>(_reads++), options, tags: ["shelf"], Stop);
        return (shelf.Value, shelf.Outcome);
    }

    private List<string> Found()
    {
        var lines = new List<string>();
        foreach (var finding in rules.Validate())
            lines.Add($"{finding.Kind}: {finding.Message}");
        return lines;
    }

    private List<string> Counted()
    {
        var lines = new List<string>();
        var statistics = cache.GetStatistics().Rules;
        lines.Add($"{statistics.Rules} rules, {statistics.Relationships.Count} relationships, {statistics.PendingTags} tags wait");
        foreach (var (strategy, runs) in statistics.Activations)
            lines.Add($"{strategy}: {runs} runs");
        foreach (var rule in statistics.Details)
            lines.Add($"{rule.Name}: {rule.Executions} runs, {rule.Entries} entries, by {rule.Strategy}");
        return lines;
    }

    /// <summary>Stores entries with their own key as a tag.</summary>
    private async Task HoldAsync(params string[] names)
    {
        foreach (var name in names)
            await cache.GetOrCreateAsync(name, static _ => new ValueTask<string>("v"), tags: [name], cancellationToken: Stop);
    }

    private bool IsHeld(string key) => cache.Explain(key).State == EntryState.Live;
}
