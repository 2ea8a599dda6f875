using Microsoft.Extensions.Time.Testing;
using Unstale.Rules;
using Xunit;

namespace Unstale.Tests.Rules;

public sealed class RuleWarningTests
{
    [Fact]
    public void The_default_rules_cause_no_warning() => Assert.Empty(RulesUnderTest.Defaults().Validate());

    [Fact]
    public void Relationships_of_more_than_two_levels_are_reported()
    {
        var rules = RulesUnderTest.Of(RuleBuilder.When("a").Named("r").Relates("a", ["b"], depth: 4));
        rules.AddRelationship(new("c", ["d", "e"]) { Depth = 3 });
        rules.AddRelationship(new("f", ["g"]) { Depth = 2 });

        Assert.Equal(
            [
                new(RuleWarningKind.TooDeep, null, "The relationship c -> d, e (3) follows 3 levels; more than 2 may invalidate too much. Lower the depth."),
                new(RuleWarningKind.TooDeep, "r", "The relationship a -> b (4) follows 4 levels; more than 2 may invalidate too much. Lower the depth."),
            ],
            rules.Validate());
    }

    [Fact]
    public void Two_rules_with_the_same_tag_and_the_same_trigger_are_reported()
    {
        var rules = RulesUnderTest.Of(
            RuleBuilder.When("a", "b").Named("one").Invalidate("x", "y"), RuleBuilder.When("b").Named("two").Invalidate("y", "z"),
            RuleBuilder.When("a").Named("three").Invalidate("z"),
            RuleBuilder.When("c").Named("four").Invalidate("x").On(ChangeOperation.Create), RuleBuilder.When("c").Named("five").Invalidate("x").On(ChangeOperation.Delete));

        Assert.Equal(
            [new(RuleWarningKind.Overlap, "two", "The rules 'one' and 'two' both invalidate 'y' when 'b' changes. Keep the tag in one of the rules.")], rules.Validate());
    }

    [Fact]
    public void A_tag_without_entries_is_reported()
    {
        var rules = RulesUnderTest.Of(RuleBuilder.When("a").Named("r").Invalidate("used", "usd", "x:{id}", "*"));

        Assert.Equal(
            [new(RuleWarningKind.UnusedTag, "r", "The rule 'r' invalidates the tag 'usd', which no entry has now. Check the spelling of the tag.")],
            rules.Validate(tag => tag == "used"));
        Assert.Empty(rules.Validate());
    }

    [Fact]
    public void A_condition_slower_than_a_millisecond_is_reported()
    {
        var time = new FakeTimeProvider();
        var rules = new InvalidationRules(time);
        rules.Add(RuleBuilder.When("a").Named("slow").Invalidate("x").Where(_ => Take(time, 2.5)).Build());
        rules.Add(RuleBuilder.When("a").Named("quick").Invalidate("y").Where(_ => Take(time, 0.5)).Build());
        rules.Current.Evaluate(new Change("a"));

        Assert.Equal(
            [new(RuleWarningKind.SlowCondition, "slow", "The condition of the rule 'slow' took 2.5 ms in its slowest run, and every change that triggers the rule waits for the condition. Let the condition depend on the change only.")],
            rules.Validate());
    }

    [Fact]
    public void A_cycle_of_relationships_is_reported()
    {
        var rules = RulesUnderTest.Of(RuleBuilder.When("x").Named("r").Relates("x", "a"), RuleBuilder.When("c").Named("own").Relates("c", "a"));
        rules.AddRelationship(new("a", ["b"]));
        rules.AddRelationship(new("b", ["c", "d"]) { Bidirectional = true });
        const string Advice = "Each relationship is followed once; declare one direction, or make one relationship bidirectional.";

        Assert.Equal([new(RuleWarningKind.Cycle, "own", $"Relationships form a cycle: c -> a -> b -> c. {Advice}")], rules.Validate());

        rules.AddRelationship(new("d", ["d"]));
        Assert.Contains(new(RuleWarningKind.Cycle, null, $"Relationships form a cycle: d -> d. {Advice}"), rules.Validate());
    }

    [Fact]
    public void A_placeholder_of_a_tag_that_may_have_no_value_is_reported()
    {
        var rules = RulesUnderTest.Of(
            RuleBuilder.When("post", "post:7").Named("good").Invalidate("posts:{post}", "x:{id}").InvalidateKeys("user:{author}"),
            RuleBuilder.When("post").Named("author").Invalidate("user:{author}"),
            RuleBuilder.When("basket").Named("related").Invalidate("basket:{basket}"));
        rules.AddRelationship(new("order", ["basket"]));

        Assert.Equal(
            [
                (RuleWarningKind.ValueMayBeMissing, "author", "The rule 'author' has the tag 'user:{author}'; for a change without a value of 'author' the rule invalidates everything. Add 'author' to the Context of every change, or use a tag without this placeholder."),
                (RuleWarningKind.ValueMayBeMissing, "related", "The rule 'related' has the tag 'basket:{basket}'; for a change without a value of 'basket' the rule invalidates everything. Add 'basket' to the Context of every change, or use a tag without this placeholder."),
            ],
            rules.Validate().Select(finding => (finding.Kind, finding.Rule, finding.Message)));
    }

    private static bool Take(FakeTimeProvider time, double milliseconds)
    {
        time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        return true;
    }
}
