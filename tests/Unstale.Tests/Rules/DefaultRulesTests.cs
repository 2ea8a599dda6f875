using Unstale.Rules;
using Xunit;

namespace Unstale.Tests.Rules;

public sealed class DefaultRulesTests
{
    [Theory]
    [InlineData("user", "user user_session user_preferences user_forms navigation", "")]
    [InlineData("user_profile", "user_profile user_session user_preferences user_forms", "")]
    [InlineData("session", "session user_session navigation", "")]
    [InlineData("product", "product pricing calculation computed query", "")]
    [InlineData("pricing", "pricing computed query", "")]
    [InlineData("calculation", "calculation computed query", "")]
    [InlineData("job", "job computed", "")]
    [InlineData("job_result", "job_result computed", "")]
    [InlineData("widget", "widget", "form_state")]
    [InlineData("widget_state", "widget_state", "form_state")]
    [InlineData("form", "form", "form_state form_snapshot widget_state")]
    [InlineData("form_data", "form_data", "form_state form_snapshot")]
    public void A_change_under_the_default_rules_invalidates_the_names_of_the_table(string resource, string atOnce, string atFlush)
    {
        var rules = RulesUnderTest.Defaults();

        Assert.Equal(Sorted(atOnce), rules.TakenAtOnce(new Change(resource)).Order());
        Assert.Equal(Sorted(atFlush), rules.TakenAtFlush(new Change(resource)).Order());
    }

    [Fact]
    public void A_change_of_one_entity_invalidates_each_related_type_with_its_id()
    {
        var taken = RulesUnderTest.Defaults().TakenAtOnce(new Change("user", "7"));

        Assert.Superset(new HashSet<string> { "user:7", "user_session:7", "user_preferences:7", "user_forms:7", "navigation:7" }, taken.ToHashSet());
    }

    [Theory]
    [InlineData("user_data_invalidation", 100, InvalidationStrategy.Immediate, "user user_profile")]
    [InlineData("session_invalidation", 90, InvalidationStrategy.Immediate, "session")]
    [InlineData("data_change_invalidation", 70, InvalidationStrategy.Cascade, "product pricing calculation")]
    [InlineData("job_result_invalidation", 60, InvalidationStrategy.Immediate, "job job_result")]
    [InlineData("form_data_invalidation", 50, InvalidationStrategy.Batched, "form form_data")]
    [InlineData("widget_state_invalidation", 30, InvalidationStrategy.Batched, "widget widget_state")]
    public void Each_rule_has_its_priority_strategy_and_triggers(string name, int priority, InvalidationStrategy strategy, string triggers)
    {
        var rule = Assert.Single(RulesUnderTest.Defaults().Rules, rule => rule.Name == name);

        Assert.Equal((priority, strategy), (rule.Priority, rule.Strategy));
        Assert.Equal(triggers.Split(' '), rule.Triggers);
    }

    [Fact]
    public void The_default_rules_are_six_with_three_relationships()
    {
        var statistics = RulesUnderTest.Defaults().Statistics(0, 0, 0, TimeSpan.Zero, 0);

        Assert.Equal(6, statistics.Rules);
        Assert.Equal([("user", 2), ("product", 2), ("form", 1)], statistics.Relationships.Select(r => (r.Source, r.Depth)));
    }

    private static string[] Sorted(string names) => [.. names.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order()];
}
