using Unstale.Rules;
using Xunit;

namespace Unstale.Tests.Rules;

public sealed class RuntimeRuleTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rules_are_added_and_removed_while_changes_are_raised()
    {
        var rules = RulesUnderTest.Of(RuleBuilder.When("a").Named("always").Invalidate("x").Priority(1));
        using var done = new CancellationTokenSource();
        var raising = Enumerable.Range(0, 3).Select(_ => Task.Run(() => Raise(rules, done.Token), Stop)).ToArray();

        for (var i = 0; i < 2000; i++)
        {
            // Two rules added together: a change that runs one of the two runs the other.
            rules.Replace([RuleBuilder.When("a").Named($"left{i}").Invalidate("y").Build(), RuleBuilder.When("a").Named($"right{i}").Invalidate("z").Build()], [], "file");
            rules.AddRelationship(new("a", [$"b{i}"]));
            rules.Add(RuleBuilder.When("b").Named($"own{i}").Invalidate("x").Build());
            rules.RemoveRelationship(new("a", [$"b{i}"]));
            rules.Remove($"own{i}");
        }

        await done.CancelAsync();
        Assert.All(await Task.WhenAll(raising), raised => Assert.True(raised > 0));
        Assert.Equal(["always", "left1999", "right1999"], rules.Ran(new Change("a")));
        Assert.Equal(["a", "a:1"], rules.Current.Evaluate(new Change("a", "1")).Steps()[0].Targets.Select(named => named.Target.Text));
    }

    [Fact]
    public void An_evaluation_uses_the_rules_in_force_when_it_began()
    {
        var rules = RulesUnderTest.Of();
        var before = rules.Current;

        rules.Add(RuleBuilder.When("a").Named("r").Invalidate("x").Build());

        Assert.Single(before.Evaluate(new Change("a")).Steps());
        Assert.Equal(["r"], rules.Ran(new Change("a")));
    }

    [Fact]
    public void A_rule_that_is_declared_again_keeps_its_counters()
    {
        var rules = RulesUnderTest.Of(RuleBuilder.When("a").Named("code").Invalidate("x"));
        rules.Replace([RuleBuilder.When("a").Named("stays").Invalidate("y").Build(), RuleBuilder.When("a").Named("goes").Invalidate("z").Build()], [new("a", ["b"])], "file");
        rules.Ran(rules.Current.Evaluate(new Change("a")));

        rules.Replace([RuleBuilder.When("a").Named("stays").Invalidate("other").Build()], [], "file");

        Assert.Equal([("code", 1L), ("stays", 1L)], rules.Statistics(0, 0, 0, TimeSpan.Zero, 0).Details.Select(rule => (rule.Name, rule.Executions)));
        Assert.Equal(["a", "x", "other"], rules.TakenAtOnce(new Change("a")));
        Assert.Equal(3, rules.Statistics(0, 0, 0, TimeSpan.Zero, 0).Activations[InvalidationStrategy.Immediate]);
    }

    [Fact]
    public void A_rule_keeps_its_compiled_state_while_another_rule_is_added()
    {
        var rules = RulesUnderTest.Of(RuleBuilder.When("a").Named("r").Invalidate("x"));
        var state = rules.Current.InOrder[0];

        rules.Add(RuleBuilder.When("b").Invalidate("x").Build());

        Assert.Contains(state, rules.Current.InOrder);
    }

    [Fact]
    public void A_relationship_of_two_sources_is_removed_with_the_last_of_them()
    {
        var rules = RulesUnderTest.Of();
        rules.Replace([], [new("a", ["b"])], "one");
        rules.Replace([], [new("a", ["b"])], "two");

        rules.Replace([], [], "one");
        Assert.Equal(["a", "b"], rules.TakenAtOnce(new Change("a")));
        rules.Replace([], [], "two");
        Assert.Equal(["a"], rules.TakenAtOnce(new Change("a")));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1_000)]
    [InlineData(100_000)]
    public void A_change_evaluates_only_the_rules_that_it_triggers(int count)
    {
        var looked = new Looked();
        var all = Enumerable.Range(0, count).Select(i => new InvalidationRule
        {
            Name = $"r{i}", Triggers = [i % (count / 2) == 0 ? "a" : $"t{i}"], Tags = ["x"], Priority = i % 7, Condition = _ => looked.Now(),
        });
        var rules = RulesUnderTest.Of();
        rules.Replace([.. all], [], "code");
        rules.Current.Evaluate(new Change("a", "1"));
        looked.Times = 0;

        var before = GC.GetAllocatedBytesForCurrentThread();
        var evaluation = rules.Current.Evaluate(new Change("a", "1"));
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(2, evaluation.Runs.Length);
        Assert.Equal(2, looked.Times);
        Assert.InRange(allocated, 1, 4_000);
    }

    [Fact]
    public void A_change_without_a_matching_rule_allocates_only_for_its_own_names()
    {
        var rules = RulesUnderTest.Of();
        var change = new Change("a", "1");
        rules.Current.Evaluate(change);

        var before = GC.GetAllocatedBytesForCurrentThread();
        rules.Current.Evaluate(change);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 1_500);
    }

    [Fact]
    public void A_builder_gathers_rules_relationships_and_dependencies()
    {
        var builder = new RuleSetBuilder();
        builder.Add(new InvalidationRule { Name = "object", Triggers = ["a"], Keys = ["k"] }).Relate("a", "b").AddDependency("sum", "k", "t");
        builder.When("b").Named("later").Invalidate("x");

        Assert.Equal(["object", "later"], builder.Build().Select(rule => rule.Name));
        Assert.Equal([new DataRelationship("a", ["b"])], builder.Relationships);
        Assert.Equal(["k", "t"], Assert.Single(builder.Dependencies).On);
    }

    [Fact]
    public void Dependencies_are_declared_and_removed_at_run_time()
    {
        var rules = RulesUnderTest.Of();

        rules.AddDependency("sum", "price:1", "rates");
        Assert.Equal(2, rules.Statistics(0, 0, 0, TimeSpan.Zero, 0).Dependencies);
        Assert.True(rules.RemoveDependency("sum", "rates"));
        Assert.True(rules.RemoveDependency("sum"));
        Assert.False(rules.RemoveDependency("sum"));

        Assert.True(rules.Dependencies.IsEmpty);
    }

    private static int Raise(InvalidationRules rules, CancellationToken stop)
    {
        var raised = 0;
        for (; !stop.IsCancellationRequested || raised == 0; raised++)
        {
            var ran = rules.Ran(new Change("a", "1"));
            Assert.Equal("always", ran[0]);
            var left = ran.SingleOrDefault(name => name.StartsWith("left", StringComparison.Ordinal));
            Assert.Equal(left?.Replace("left", "right", StringComparison.Ordinal), ran.SingleOrDefault(name => name.StartsWith("right", StringComparison.Ordinal)));
        }

        return raised;
    }

    private sealed class Looked
    {
        public int Times { get; set; }

        public bool Now() => ++Times > 0;
    }
}
