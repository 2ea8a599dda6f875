using Unstale.Rules;
using Xunit;

namespace Unstale.Tests.Rules;

/// <summary>Exact messages for rules rejected before any effect.</summary>
public sealed class RuleValidationTests
{
    private const string Null = "which is reserved for the keys that a value was made from. Use another name.";

    private readonly InvalidationRules _rules = new(TimeProvider.System);

    [Fact]
    public void Empty_names_in_rules_and_changes_are_refused()
    {
        Refused("The trigger is empty. Expected at least one character. (Parameter 'trigger')", () => RuleBuilder.When("").Invalidate("x").Build());
        Refused("The name is empty. Expected at least one character. (Parameter 'name')", () => RuleBuilder.When("a").Invalidate("x").Named("").Build());
        Refused("The tag is empty. Expected at least one character. (Parameter 'tag')", () => RuleBuilder.When("a").Invalidate("").Build());
        Refused("The key is empty. Expected at least one character. (Parameter 'key')", () => RuleBuilder.When("a").InvalidateKeys("").Build());
        Refused("The glob is empty. Expected at least one character. (Parameter 'glob')", () => RuleBuilder.When("a").InvalidateGlobs("").Build());
        Refused("The field is empty. Expected at least one character. (Parameter 'field')", () => RuleBuilder.When("a").Invalidate("x").OnFields("").Build());
        Refused("The source is empty. Expected at least one character. (Parameter 'source')", () => new DataRelationship("", ["b"]));
        Refused("The target is empty. Expected at least one character. (Parameter 'target')", () => new DataRelationship("a", [""]));
        Refused("The key is empty. Expected at least one character. (Parameter 'key')", () => _rules.AddDependency("", "b"));
        Refused("The dependency is empty. Expected at least one character. (Parameter 'dependency')", () => _rules.AddDependency("a", ""));
        Refused("The resource is empty. Expected at least one character. (Parameter 'resource')", () => _rules.TargetsOf([], new Change("")));
        Refused("The id is empty. Expected at least one character. (Parameter 'id')", () => _rules.TargetsOf([], new Change("a", "")));
    }

    [Fact]
    public void Names_that_begin_like_a_dependency_tag_are_refused()
    {
        Refused($"The tag begins with U+0000, {Null} (Parameter 'tag')", () => RuleBuilder.When("a").Invalidate("\0x").Build());
        Refused($"The trigger begins with U+0000, {Null} (Parameter 'trigger')", () => RuleBuilder.When("\0a").Invalidate("x").Build());
        Refused($"The target begins with U+0000, {Null} (Parameter 'target')", () => new DataRelationship("a", ["\0b"]));
        Refused($"The dependency begins with U+0000, {Null} (Parameter 'dependency')", () => _rules.AddDependency("a", "\0b"));
        Refused($"The resource begins with U+0000, {Null} (Parameter 'resource')", () => _rules.TargetsOf([], new Change("\0a")));
    }

    [Fact]
    public void A_star_in_place_of_a_name_is_refused()
    {
        const string Why = "because it would match every name. List the names; a rule with the tag '*' invalidates everything.";
        Refused($"'*' is not allowed as a target, {Why} (Parameter 'target')", () => new DataRelationship("order", ["*"]));
        Refused($"'*' is not allowed as a source, {Why} (Parameter 'source')", () => new DataRelationship("*", ["order"]));
        Refused($"'*' is not allowed as a trigger, {Why} (Parameter 'trigger')", () => RuleBuilder.When("*").Invalidate("x").Build());
        Refused($"'*' is not allowed as a dependency, {Why} (Parameter 'dependency')", () => _rules.AddDependency("a", "*"));
    }

    [Fact]
    public void Rules_relationships_and_dependencies_without_a_required_part_are_refused()
    {
        Refused("The rule ' -> x' has no trigger. Add at least one trigger. (Parameter 'triggers')", () => RuleBuilder.When().Invalidate("x").Build());
        Refused("The rule 'r' invalidates nothing. Add a tag, a key, a pattern, a relationship or a dependency. (Parameter 'tags')", () => RuleBuilder.When("a").Named("r").Build());
        Refused("The relationship of 'a' has no target. Add the types that a change of 'a' also affects. (Parameter 'targets')", () => new DataRelationship("a", []));
        Refused("The dependency of the key 'a' is empty. Pass the keys or tags that 'a' is computed from. (Parameter 'on')", () => _rules.AddDependency("a"));
        Refused("The dependency of the key 'k' is empty. Pass the keys or tags that 'k' is computed from. (Parameter 'on')", () => RuleBuilder.When("a").DependsOn("k").Build());
    }

    [Fact]
    public void A_relationship_with_a_depth_below_one_is_refused() => Refused(
        "The depth of a relationship is 0; it must be at least 1, which reaches only the direct targets. (Parameter 'depth')", () => new DataRelationship("a", ["b"]) { Depth = 0 });

    [Fact]
    public void A_second_rule_with_the_same_name_is_refused()
    {
        var rule = RuleBuilder.When("a").Named("r").Invalidate("x").Build();
        _rules.Add(rule);

        const string Message = "A rule named 'r' already exists. Remove the existing rule first, or use another name. (Parameter 'name')";
        Refused(Message, () => _rules.Add(rule));
        Refused(Message, () => _rules.Replace([rule], [], "file"));
        Refused(Message, () => new InvalidationRules(TimeProvider.System).Replace([rule, rule], [], "file"));
        Assert.Single(_rules.Rules);
    }

    [Fact]
    public void Undefined_strategies_and_operations_are_refused()
    {
        Refused("The rule 'r' has the unknown strategy 9. Expected one of Immediate, Batched, Lazy, Cascade. (Parameter 'strategy')", () => Rule(r => r.Strategy((InvalidationStrategy)9)));
        Refused("The rule 'r' has the unknown operation 9. Expected one of Update, Create, Delete. (Parameter 'operation')", () => Rule(r => r.On((ChangeOperation)9)));
    }

    [Theory]
    [InlineData(InvalidationStrategy.Immediate)]
    [InlineData(InvalidationStrategy.Batched)]
    [InlineData(InvalidationStrategy.Cascade)]
    public void ServeStaleOnce_with_a_strategy_other_than_Lazy_is_refused(InvalidationStrategy strategy) => Refused(
        $"The rule 'r' has ServeStaleOnce and the strategy {strategy}. ServeStaleOnce requires the strategy Lazy: set Lazy, or remove ServeStaleOnce. (Parameter 'serveStaleOnce')",
        () => Rule(r => r.Strategy(strategy).ServeStaleOnce()));

    [Fact]
    public void ServeStaleOnce_with_targets_other_than_tags_is_refused()
    {
        const string Message = "The rule 'r' has ServeStaleOnce and lists keys, globs, patterns or dependencies. ServeStaleOnce supports only tags: list the other names in another rule. (Parameter 'serveStaleOnce')";
        Refused(Message, () => Rule(r => Once(r).InvalidateKeys("k")));
        Refused(Message, () => Rule(r => Once(r).InvalidateGlobs("k*")));
        Refused(Message, () => Rule(r => Once(r).InvalidatePatterns(new RegexPattern("k"))));
        Refused(Message, () => Rule(r => Once(r).DependsOn("k", "x")));
    }

    [Fact]
    public void Invalid_templates_are_refused()
    {
        const string Brace = "Write a placeholder as {name}, and a literal brace as {{ or }}. (Parameter 'text')";
        const string Name = "a name begins with a letter and contains letters, digits, '_', '-' and '.'. Write a literal brace as {{ or }}. (Parameter 'text')";
        Refused($"'x:{{id' has an unmatched brace at index 2. {Brace}", () => Rule(r => r.Invalidate("x:{id")));
        Refused($"'x:id}}' has an unmatched brace at index 4. {Brace}", () => Rule(r => r.InvalidateKeys("x:id}")));
        Refused($"'x:{{}}' has the invalid placeholder '': {Name}", () => Rule(r => r.Invalidate("x:{}")));
        Refused($"'x:{{1,2}}' has the invalid placeholder '1,2': {Name}", () => Rule(r => r.InvalidateGlobs("x:{1,2}")));
        Refused($"'{{a b}}' has the invalid placeholder 'a b': {Name}", () => Rule(r => r.DependsOn("{a b}", "x")));
    }

    [Theory]
    [InlineData("x:[{id}]")]
    [InlineData("x:\\{id}")]
    public void A_placeholder_inside_brackets_or_after_a_backslash_of_a_glob_is_refused(string glob) => Refused(
        $"The glob '{glob}' has a placeholder within brackets or after a backslash. The value of a placeholder is matched literally: write the placeholder outside. (Parameter 'text')",
        () => Rule(r => r.InvalidateGlobs(glob)));

    [Theory]
    [InlineData("[ab]{id}")]
    [InlineData("\\[{id}")]
    [InlineData("\\\\{id}")]
    public void A_placeholder_after_brackets_or_an_escaped_character_of_a_glob_is_accepted(string glob) => Rule(r => r.InvalidateGlobs(glob));

    [Fact]
    public void A_pattern_that_is_too_long_is_refused() => Refused(
        "The pattern has 1025 characters. Expected 1 to 1024. To match all keys, invalidate everything. (Parameter 'text')",
        () => Rule(r => r.InvalidateGlobs(new string('x', 1025))));

    [Fact]
    public void An_invalid_rule_leaves_the_previous_rules_and_relationships_in_force()
    {
        _rules.Replace([Named("old")], [], "file");

        Assert.Throws<ArgumentException>(() => _rules.Replace([Named("new"), new InvalidationRule { Name = "bad", Triggers = [] }], [new("a", ["b"])], "file"));

        Assert.Equal(["old"], _rules.Rules.Select(rule => rule.Name));
        Assert.Empty(_rules.Relationships);
    }

    [Fact]
    public void A_change_of_one_entity_without_an_id_is_refused() => Refused(
        "A change of 'a' with ChangeScope.Entity needs an id. Without one, use ChangeScope.Resource. (Parameter 'id')",
        () => _rules.TargetsOf([], new Change("a") { Scope = ChangeScope.Entity }));

    private static RuleBuilder Once(RuleBuilder rule) => rule.Strategy(InvalidationStrategy.Lazy).ServeStaleOnce();

    private static InvalidationRule Named(string name) => RuleBuilder.When("a").Named(name).Invalidate("x").Build();

    private static InvalidationRule Rule(Func<RuleBuilder, RuleBuilder> say) => say(RuleBuilder.When("a").Named("r").Invalidate("x")).Build();

    private static void Refused(string message, Func<object> act) => Refused(message, () => { _ = act(); });

    private static void Refused(string message, Action act) => Assert.Equal(message, Assert.ThrowsAny<ArgumentException>(act).Message);
}
