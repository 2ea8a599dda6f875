using Unstale.Rules;
using Xunit;

namespace Unstale.Tests.Rules;

public sealed class RelationshipTests
{
    private readonly InvalidationRules _rules = new(TimeProvider.System);

    [Theory]
    [InlineData("user", "user session preferences navigation form_state")]
    [InlineData("session", "session navigation form_state")]
    public void A_change_reaches_as_many_levels_as_the_depth_of_its_first_relationship(string resource, string expected)
    {
        _rules.AddRelationship(new("user", ["session", "preferences"]) { Depth = 2 });
        _rules.AddRelationship(new("session", ["navigation", "form_state"]) { Depth = 1 });

        Assert.Equal(expected.Split(' '), _rules.TakenAtOnce(new Change(resource)));
        Assert.Equal(expected.Split(' ').SelectMany(name => new[] { name, $"{name}:123" }), _rules.TakenAtOnce(new Change(resource, "123")));
    }

    [Theory]
    [InlineData(1, 5, "a b")]
    [InlineData(2, 1, "a b c")]
    public void A_relationship_met_on_the_way_neither_shortens_nor_lengthens_the_walk(int first, int met, string expected)
    {
        _rules.AddRelationship(new("a", ["b"]) { Depth = first });
        _rules.AddRelationship(new("b", ["c"]) { Depth = met });
        _rules.AddRelationship(new("c", ["d"]) { Depth = met });

        Assert.Equal(expected.Split(' '), _rules.TakenAtOnce(new Change("a")));
    }

    [Fact]
    public void A_cycle_is_walked_once()
    {
        _rules.AddRelationship(new("a", ["b"]) { Depth = 5 });
        _rules.AddRelationship(new("b", ["c"]));
        _rules.AddRelationship(new("c", ["a", "d"]));

        Assert.Equal(["a", "b", "c", "d"], _rules.TakenAtOnce(new Change("a")));
        Assert.Equal(3, _rules.Current.Evaluate(new Change("a")).Depth);
    }

    [Fact]
    public void A_bidirectional_relationship_spreads_a_change_in_both_directions()
    {
        _rules.AddRelationship(new("order", ["invoice"]) { Bidirectional = true });

        Assert.Equal(["order", "invoice"], _rules.TakenAtOnce(new Change("order")));
        Assert.Equal(["invoice", "order"], _rules.TakenAtOnce(new Change("invoice")));
    }

    [Fact]
    public void A_relationship_that_is_not_bidirectional_spreads_in_one_direction()
    {
        _rules.AddRelationship(new("order", ["invoice"]));

        Assert.Equal(["invoice"], _rules.TakenAtOnce(new Change("invoice")));
    }

    [Theory]
    [InlineData(RelationshipKind.OneToOne)]
    [InlineData(RelationshipKind.OneToMany)]
    [InlineData(RelationshipKind.ManyToOne)]
    [InlineData(RelationshipKind.ManyToMany)]
    public void The_kind_of_a_relationship_does_not_affect_its_evaluation(RelationshipKind kind)
    {
        _rules.AddRelationship(new("user", ["session"]) { Kind = kind });

        Assert.Equal(["user", "session"], _rules.TakenAtOnce(new Change("user")));
    }

    [Fact]
    public void A_change_of_one_entity_alone_spreads_with_its_id_alone()
    {
        _rules.AddRelationship(new("user", ["session"]));

        Assert.Equal(["user:7", "session:7"], _rules.TakenAtOnce(new Change("user", "7") { Scope = ChangeScope.Entity }));
    }

    [Fact]
    public void A_target_contains_the_chain_of_relationships_that_reached_it()
    {
        _rules.AddRelationship(new("user", ["session"]) { Depth = 2 });
        _rules.AddRelationship(new("session", ["navigation"]));

        var step = Assert.Single(_rules.Current.Evaluate(new Change("user", "7")).Steps());

        Assert.Equal(
            [("user", null), ("user:7", null), ("session", "user -> session"), ("session:7", "user -> session"),
             ("navigation", "user -> session -> navigation"), ("navigation:7", "user -> session -> navigation")],
            step.Targets.Select(named => (named.Target.Text, named.Chain)));
    }

    [Fact]
    public void A_change_triggers_the_rules_of_names_reached_through_relationships()
    {
        _rules.AddRelationship(new("user", ["session"]));
        _rules.Add(RuleBuilder.When("session").Named("bare").Invalidate("navigation").Build());
        _rules.Add(RuleBuilder.When("session:7").Named("one").Invalidate("menu").Build());

        Assert.Equal(["bare", "one"], _rules.Ran(new Change("user", "7") { Scope = ChangeScope.Entity }));
        Assert.Equal(["bare"], _rules.Ran(new Change("user", "8")));
    }

    [Fact]
    public void Relationships_of_a_rule_follow_its_strategy_and_trigger_no_rules()
    {
        _rules.Add(RuleBuilder.When("form").Named("form").Relates("form", "draft").Strategy(InvalidationStrategy.Batched).Where(change => change.Id is not null).Build());
        _rules.Add(RuleBuilder.When("draft").Named("draft").Invalidate("preview").Build());

        Assert.Equal(["form"], _rules.Ran(new Change("form", "1")));
        Assert.Equal(["draft", "draft:1"], _rules.TakenAtFlush(new Change("form", "1")));
        Assert.Empty(_rules.TakenAtFlush(new Change("form")));
    }

    [Fact]
    public void Relationships_of_a_rule_respect_their_source_and_depth()
    {
        _rules.Add(RuleBuilder.When("user", "account").Invalidate("x").Relates("user", ["session"], depth: 1).Relates("session", "menu").Build());

        Assert.Equal(["user", "x", "session"], _rules.TakenAtOnce(new Change("user")));
        Assert.Equal(["account", "x"], _rules.TakenAtOnce(new Change("account")));
    }

    [Fact]
    public void Relationships_of_a_rule_start_from_the_related_name_that_triggered_the_rule()
    {
        _rules.AddRelationship(new("order", ["basket"]));
        _rules.Add(RuleBuilder.When("basket").Relates("basket", "total").Build());

        var step = _rules.Current.Evaluate(new Change("order")).Steps()[1];

        Assert.Equal("order -> basket -> total", Assert.Single(step.Targets).Chain);
        Assert.Equal(2, _rules.Current.Evaluate(new Change("order")).Depth);
    }

    [Fact]
    public void Removing_a_rule_removes_its_relationships()
    {
        _rules.Add(RuleBuilder.When("user").Named("r").Relates("user", "session").Build());

        Assert.True(_rules.Remove("r"));
        Assert.False(_rules.Remove("r"));

        Assert.Equal(["user"], _rules.TakenAtOnce(new Change("user")));
        Assert.Empty(_rules.Statistics(0, 0, 0, TimeSpan.Zero, 0).Relationships);
    }

    [Fact]
    public void Two_equal_relationships_are_stored_once()
    {
        Assert.True(_rules.AddRelationship(new("user", ["session", "menu"]) { Depth = 2 }));
        Assert.False(_rules.AddRelationship(new("user", ["menu", "session", "menu"]) { Depth = 2 }));
        Assert.Single(_rules.Relationships);

        Assert.False(_rules.RemoveRelationship(new("user", ["session", "menu"])));
        Assert.True(_rules.RemoveRelationship(new("user", ["menu", "session"]) { Depth = 2 }));
        Assert.Equal(["user"], _rules.TakenAtOnce(new Change("user")));
    }
}
