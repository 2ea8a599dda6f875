using Unstale.Rules;
using Xunit;

namespace Unstale.Tests.Rules;

public sealed class RuleTests
{
    [Fact]
    public void A_change_invalidates_the_tags_of_its_resource_and_its_entity_according_to_its_scope()
    {
        var rules = RulesUnderTest.Of();

        Assert.Equal(["user", "user:123"], rules.TakenAtOnce(new Change("user", "123")));
        Assert.Equal(["user"], rules.TakenAtOnce(new Change("user")));
        Assert.Equal(["user:123"], rules.TakenAtOnce(new Change("user", "123") { Scope = ChangeScope.Entity }));
        Assert.Equal(["Everything"], rules.Current.Evaluate(new Change("*")).Steps()[0].Targets.Select(named => named.Target.Kind.ToString()));
    }

    [Fact]
    public void A_trigger_with_an_id_matches_only_changes_of_that_entity()
    {
        var rules = RulesUnderTest.Of(RuleBuilder.When("user:123").Named("one").Invalidate("x"));

        Assert.Equal(["one"], rules.Ran(new Change("user", "123")));
        Assert.Empty(rules.Ran(new Change("user", "1234")));
        Assert.Empty(rules.Ran(new Change("user")));
    }

    [Fact]
    public void The_tags_of_a_rule_are_raised_as_written_whatever_the_scope()
    {
        var rules = RulesUnderTest.Of(RuleBuilder.When("product").Invalidate("query", "page:{id}"));

        Assert.Equal(["product:4", "query", "page:4"], rules.TakenAtOnce(new Change("product", "4") { Scope = ChangeScope.Entity }));
    }

    [Fact]
    public void Rules_run_by_priority_and_those_of_one_priority_as_they_were_added()
    {
        var rules = RulesUnderTest.Of(
            RuleBuilder.When("a").Named("low").Invalidate("x").Priority(-1),
            RuleBuilder.When("a").Named("first").Invalidate("x").Strategy(InvalidationStrategy.Batched),
            RuleBuilder.When("a:1").Named("second").Invalidate("x").Strategy(InvalidationStrategy.Lazy),
            RuleBuilder.When("a").Named("third").Invalidate("x"),
            RuleBuilder.When("a:1").Named("high").Invalidate("x").Priority(70).Strategy(InvalidationStrategy.Cascade));

        Assert.Equal(["high", "first", "second", "third", "low"], rules.Ran(new Change("a", "1")));
        Assert.Equal(["high", "first", "second", "third", "low"], rules.Rules.Select(rule => rule.Name));
    }

    [Fact]
    public void A_rule_that_several_triggers_match_runs_once()
    {
        var rules = RulesUnderTest.Of(RuleBuilder.When("a", "a:1", "b", "a").Named("r").Invalidate("x"));
        rules.AddRelationship(new("a", ["b"]));

        Assert.Equal(["r"], rules.Ran(new Change("a", "1")));
    }

    [Fact]
    public void The_targets_of_a_rule_trigger_no_other_rule()
    {
        var rules = RulesUnderTest.Of(RuleBuilder.When("a").Named("a").Invalidate("b"), RuleBuilder.When("b").Named("b").Invalidate("c"));

        Assert.Equal(["a"], rules.Ran(new Change("a")));
    }

    [Fact]
    public void Triggers_match_resource_names_exactly_and_case_sensitively()
    {
        var rules = RulesUnderTest.Of(RuleBuilder.When("user").Named("r").Invalidate("x"));

        Assert.Empty(rules.Ran(new Change("User")));
        Assert.Empty(rules.Ran(new Change("user_session")));
    }

    [Fact]
    public void A_rule_is_immediate_with_priority_zero_by_default()
    {
        var rule = RuleBuilder.When("a").Invalidate("x").Build();

        Assert.Equal((InvalidationStrategy.Immediate, 0, false), (rule.Strategy, rule.Priority, rule.ServeStaleOnce));
    }

    [Fact]
    public void A_rule_without_a_name_is_named_after_its_triggers_and_targets() => Assert.Equal(
        "product+pricing -> computed+query:{id}+price:1+p:*+^x",
        RuleBuilder.When("product", "pricing").Invalidate("computed", "query:{id}").InvalidateKeys("price:1").InvalidateGlobs("p:*")
            .InvalidatePatterns(new RegexPattern("^x")).Build().Name);

    [Fact]
    public void A_rule_runs_only_for_its_operations_and_fields()
    {
        var rules = RulesUnderTest.Of(RuleBuilder.When("product").Named("r").Invalidate("x").On(ChangeOperation.Update, ChangeOperation.Delete).OnFields("price"));

        Assert.Equal(["r"], rules.Ran(new Change("product") { Fields = ["name", "price"] }));
        Assert.Equal(["r"], rules.Ran(new Change("product", Operation: ChangeOperation.Delete)));
        Assert.Empty(rules.Ran(new Change("product") { Fields = ["name"] }));
        Assert.Empty(rules.Ran(new Change("product", Operation: ChangeOperation.Create) { Fields = ["price"] }));
    }

    [Theory]
    [InlineData(InvalidationStrategy.Immediate)]
    [InlineData(InvalidationStrategy.Batched)]
    [InlineData(InvalidationStrategy.Lazy)]
    [InlineData(InvalidationStrategy.Cascade)]
    public void A_rule_with_a_false_condition_does_not_run_under_any_strategy(InvalidationStrategy strategy)
    {
        var rules = RulesUnderTest.Of(RuleBuilder.When("a").Invalidate("x").InvalidateKeys("k").Relates("a", "b").Strategy(strategy)
            .Where(change => change.Operation == ChangeOperation.Delete).Where(change => change.Id == "1"));

        Assert.Empty(rules.Ran(new Change("a", "1")));
        Assert.Empty(rules.Ran(new Change("a", "2", ChangeOperation.Delete)));
        Assert.Single(rules.Ran(new Change("a", "1", ChangeOperation.Delete)));
    }

    [Theory]
    [InlineData("price", true)]
    [InlineData("name", false)]
    public void Fields_are_read_from_the_context_unless_the_change_has_some(string field, bool isRun)
    {
        var rules = RulesUnderTest.Of(RuleBuilder.When("product").Named("r").Invalidate("x").OnFields("price"));
        object?[] lists = [new[] { "stock", field }, new List<object?> { field }, new HashSet<string> { field }];
        foreach (var list in lists)
            Assert.Equal(isRun ? ["r"] : [], rules.Ran(With(list)));
        Assert.Equal(["r"], rules.Ran(With(new[] { "stock" }) with { Fields = ["price"] }));
        Assert.Empty(rules.Ran(With(new[] { "price" }) with { Fields = ["stock"] }));
    }

    [Fact]
    public void Fields_that_are_no_list_of_texts_are_unknown_and_match()
    {
        var rules = RulesUnderTest.Of(RuleBuilder.When("product").Named("r").Invalidate("x").OnFields("price"));
        object?[] unknown = ["stock", null, 7, new object?[] { "stock", 7 }, Array.Empty<string>(), Failing()];
        foreach (var value in unknown)
            Assert.Equal(["r"], rules.Ran(With(value)));

        static IEnumerable<string> Failing()
        {
            yield return "stock";
            throw new InvalidTimeZoneException();
        }
    }

    private static Change With(object? fields) => new("product") { Context = new Dictionary<string, object?> { ["fields_changed"] = fields } };

    [Fact]
    public void A_condition_that_throws_counts_as_true_and_is_reported_and_counted()
    {
        var rules = RulesUnderTest.Of(RuleBuilder.When("a").Named("r").Invalidate("x").Where(_ => throw new InvalidOperationException("broken")));
        var reported = new List<string>();
        rules.ConditionFailed = (rule, why) => reported.Add($"{rule.Rule.Name}: {why.Message}");

        Assert.Equal(["r"], rules.Ran(new Change("a")));
        Assert.Equal(["r: broken"], reported);
        Assert.Equal(1, Assert.Single(rules.Statistics(0, 0, 0, TimeSpan.Zero, 0).Details).ConditionFailures);
    }

    [Fact]
    public void A_rule_invalidates_its_patterns_in_addition_to_its_tags()
    {
        var rules = RulesUnderTest.Of(RuleBuilder.When("user").Invalidate("x").InvalidatePatterns(new RegexPattern(@"user:\d+:session:.*")).InvalidateGlobs("user:*"));

        Assert.Equal(["user", "x", "Glob user:*", @"Regex user:\d+:session:.*"], rules.TakenAtOnce(new Change("user")));
    }

    [Fact]
    public void Targets_of_an_immediate_rule_do_not_wait_for_a_batched_rule_of_higher_priority()
    {
        var rules = RulesUnderTest.Of(
            RuleBuilder.When("a").Named("batched").Invalidate("x", "y").Strategy(InvalidationStrategy.Batched).Priority(100),
            RuleBuilder.When("a").Named("at once").Invalidate("x").Priority(1));

        Assert.Equal(["a", "x"], rules.TakenAtOnce(new Change("a")));
        Assert.Equal(["y"], rules.TakenAtFlush(new Change("a")));
    }

    [Fact]
    public void A_target_of_a_ServeStaleOnce_rule_and_a_batched_rule_is_invalidated_by_both()
    {
        var rules = RulesUnderTest.Of(
            RuleBuilder.When("a").Invalidate("x", "a").Strategy(InvalidationStrategy.Batched),
            RuleBuilder.When("a").Invalidate("x", "y", "a").Strategy(InvalidationStrategy.Lazy).ServeStaleOnce(),
            RuleBuilder.When("a").Named("lazy").Invalidate("y").Strategy(InvalidationStrategy.Lazy));

        var steps = rules.Current.Evaluate(new Change("a")).Steps();

        Assert.Equal([(false, "a"), (false, "x"), (true, "x"), (false, "y")], steps.Select(step => (step.ServeStaleOnce, Assert.Single(step.Targets).Target.Text)));
    }

    [Fact]
    public void A_rule_counts_as_run_although_all_its_targets_were_named_before()
    {
        var rules = RulesUnderTest.Of(RuleBuilder.When("a").Named("r").Invalidate("a"));

        var step = rules.Current.Evaluate(new Change("a")).Steps()[1];

        Assert.Equal("r", step.Rule!.Rule.Name);
        Assert.Empty(step.Targets);
    }

    [Fact]
    public void Declared_dependents_of_the_keys_of_a_rule_are_invalidated_with_them()
    {
        var rules = RulesUnderTest.Of(RuleBuilder.When("product").InvalidateKeys("pricing:{id}").DependsOn("total:{id}", "calculation:{id}")
            .DependsOn("calculation:{id}", "pricing:{id}", "rates").DependsOn("other", "elsewhere"));

        var step = rules.Current.Evaluate(new Change("product", "123")).Steps()[1];

        Assert.Equal(
            [("pricing:123", null), ("calculation:123", "pricing:123 -> calculation:123"), ("total:123", "calculation:123 -> total:123")],
            step.Targets.Select(named => (named.Target.Text, named.Chain)));
    }

    [Fact]
    public void An_evaluation_does_not_modify_the_context_of_the_change()
    {
        var context = new Dictionary<string, object?> { ["author"] = "7" };
        var rules = RulesUnderTest.Of(RuleBuilder.When("post").Invalidate("user:{author}", "{missing}").Where(change => change.Context.ContainsKey("author")));

        rules.TakenAtOnce(new Change("post", "1") { Context = context });

        Assert.Equal([new("author", "7")], context);
    }

    [Fact]
    public void An_evaluation_changes_no_statistics_until_its_rules_are_run()
    {
        var rules = RulesUnderTest.Of(
            RuleBuilder.When("a").Named("one").Invalidate("x:{author}"), RuleBuilder.When("a").Named("two").Invalidate("y").Strategy(InvalidationStrategy.Batched), RuleBuilder.When("b").Named("other").Invalidate("z"));
        var evaluation = rules.Current.Evaluate(new Change("a"));
        Assert.Equal(0, rules.Statistics(0, 0, 0, TimeSpan.Zero, 0).Details[0].Executions);

        rules.Ran(evaluation);
        rules.Ran(evaluation);

        var statistics = rules.Statistics(1, 2, 3, TimeSpan.FromMilliseconds(100), 4);
        Assert.Equal([("one", 2L, 2L), ("two", 2L, 0L), ("other", 0L, 0L)], statistics.Details.Select(rule => (rule.Name, rule.Executions, rule.MissingValues)));
        Assert.NotNull(statistics.Details[0].LastExecution);
        Assert.Null(statistics.Details[2].LastExecution);
        Assert.Equal((1, 2, 3, TimeSpan.FromMilliseconds(100), 4), (statistics.PendingTags, statistics.PendingKeys, statistics.PendingPatterns, statistics.BatchDelay, statistics.EntriesInvalidated));
        Assert.Equal([2L, 2L, 0L, 0L], Enum.GetValues<InvalidationStrategy>().Select(strategy => statistics.Activations[strategy]));
    }
}
