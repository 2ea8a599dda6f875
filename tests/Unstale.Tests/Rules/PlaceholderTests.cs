using Unstale.Rules;
using Xunit;

namespace Unstale.Tests.Rules;

public sealed class PlaceholderTests
{
    [Fact]
    public void The_id_of_one_type_never_lands_in_the_slot_of_another()
    {
        var rules = RulesUnderTest.Of(
            RuleBuilder.When("user").InvalidateKeys("user:{user}:profile", "user:{user}:posts", "feed:{user}").InvalidateGlobs("feed:{user}:*"),
            RuleBuilder.When("post").InvalidateKeys("post:{post}", "user:{author}:posts", "tag:{tag}:posts").InvalidateGlobs("post:{post}:*", "feed:{author}:*"),
            RuleBuilder.When("comment").InvalidateKeys("post:{post}:comments", "user:{author}:comments"));

        Assert.Equal(
            ["Key user:7:profile", "Key user:7:posts", "Key feed:7", "Glob feed:7:*"],
            rules.TakenAtOnce(new Change("user", "7") { Scope = ChangeScope.Entity })[1..]);
        Assert.Equal(
            ["Key post:5", "Key user:7:posts", "Key tag:red:posts", "Key tag:blue:posts", "Glob post:5:*", "Glob feed:7:*"],
            rules.TakenAtOnce(Entity("post", "5", ("author", 7), ("tag", new[] { "red", "blue" })))[1..]);
        Assert.Equal(
            ["Key post:5:comments", "Key user:7:comments"],
            rules.TakenAtOnce(Entity("comment", "9", ("author", 7L), ("post", "5")))[1..]);
    }

    [Fact]
    public void A_missing_value_becomes_a_star_in_keys_and_globs_and_everything_in_a_tag_and_is_counted()
    {
        var rules = RulesUnderTest.Of(RuleBuilder.When("post").InvalidateKeys("us*r:{author}:posts").InvalidateGlobs("feed:{author}:*").Invalidate("author:{author}"));

        var evaluation = rules.Current.Evaluate(new Change("post"));

        Assert.Equal(["Everything ", @"Glob us\*r:*:posts", "Glob feed:*:*"], evaluation.Steps()[1].Targets.Select(named => $"{named.Target.Kind} {named.Target.Text}"));
        Assert.Equal(3, evaluation.Missing);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void A_value_that_is_null_or_empty_is_missing(string? value) => Assert.Equal(
        ["Glob k:*"],
        RulesUnderTest.Of(RuleBuilder.When("a").InvalidateKeys("k:{x}")).TakenAtOnce(Entity("a", "1", ("x", value)))[1..]);

    [Fact]
    public void An_empty_list_gives_no_target_and_a_null_element_gives_a_star()
    {
        var rules = RulesUnderTest.Of(RuleBuilder.When("a").InvalidateKeys("k:{x}"));

        Assert.Empty(rules.TakenAtOnce(Entity("a", "1", ("x", Array.Empty<int>())))[1..]);
        Assert.Equal(["Key k:3", "Glob k:*"], rules.TakenAtOnce(Entity("a", "1", ("x", new int?[] { 3, null, 3 })))[1..]);
    }

    [Fact]
    public void Two_lists_give_every_combination_and_a_repeated_placeholder_has_one_value_in_each()
    {
        var rules = RulesUnderTest.Of(RuleBuilder.When("a").InvalidateKeys("{x}:{y}:{x}"));

        Assert.Equal(
            ["Key 1:3:1", "Key 2:3:2", "Key 1:4:1", "Key 2:4:2"],
            rules.TakenAtOnce(Entity("a", "1", ("x", new[] { 1, 2 }), ("y", new[] { 3, 4 })))[1..]);
    }

    [Fact]
    public void Lists_with_too_many_combinations_give_one_glob_that_matches_all_of_them()
    {
        var many = Enumerable.Range(0, 101).ToArray();
        var rules = RulesUnderTest.Of(RuleBuilder.When("a").InvalidateKeys("{x}:{y}"));

        Assert.Equal(["Glob *:*"], rules.TakenAtOnce(Entity("a", "1", ("x", many), ("y", many)))[1..]);
    }

    [Fact]
    public void Values_are_written_the_same_in_every_culture_and_number_type()
    {
        var rules = RulesUnderTest.Of(RuleBuilder.When("a").InvalidateKeys("k:{x}"));
        var guid = Guid.NewGuid();

        Assert.Equal(
            ["Key k:7", "Key k:1.5", $"Key k:{guid}", "Key k:True"],
            rules.TakenAtOnce(Entity("a", "1", ("x", new object[] { 7L, 1.5m, guid, true })))[1..]);
    }

    public static TheoryData<object, string> Texts => new()
    {
        { new DateTime(2026, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc), "2026-01-02T03:04:05.6780000Z" },
        { new DateTime(2026, 1, 2, 3, 4, 5, 678, DateTimeKind.Unspecified), "2026-01-02T03:04:05.6780000" },
        { new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)), "2026-01-02T03:04:05.0000000+02:00" },
        { new DateOnly(2026, 1, 2), "2026-01-02" },
        { new TimeOnly(3, 4, 5, 6), "03:04:05.0060000" },
        { new TimeSpan(1, 2, 3, 4, 5), "1.02:03:04.0050000" },
        { 1.50m, "1.50" },
        { -1234567.5, "-1234567.5" },
        { 0.1f, "0.1" },
        { -0.0, "0" },
        { double.NaN, "NaN" },
        { Int128.MinValue, "-170141183460469231731687303715884105728" },
        { DayOfWeek.Friday, "Friday" },
        { (DayOfWeek)9, "9" },
        { false, "False" },
        { 'x', "x" },
        { new byte[] { 0, 1, 255 }, "0001ff" },
        { new Uri("http://a/%41"), "http://a/%41" },
        { new Version(1, 2), "1.2" },
        { new OwnText(1.5), "own 1.5" },
        { new OwnFormat(1.5), "format 1.5" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_value_has_one_text_in_every_culture_in_rules_in_globs_and_for_users(object value, string text)
    {
        var rules = RulesUnderTest.Of(RuleBuilder.When("a").InvalidateKeys("k:{x}"));
        var before = System.Globalization.CultureInfo.CurrentCulture;
        try
        {
            var culture = (System.Globalization.CultureInfo)before.Clone();
            culture.NumberFormat.NumberDecimalSeparator = ",";
            culture.NumberFormat.NegativeSign = "~";
            culture.DateTimeFormat.ShortDatePattern = "d/M/yy";
            System.Globalization.CultureInfo.CurrentCulture = culture;
            Assert.Equal([$"Key k:{text}"], rules.TakenAtOnce(Entity("a", "1", ("x", value)))[1..]);
            Assert.Equal(text, CacheKey.TextOf(value));
            var glob = new Unstale.Queries.GlobTemplate(0, 1);
            glob.AppendFormatted(value);
            Assert.Equal(GlobPattern.Escape(text), glob.Pattern.Text);
        }
        finally
        {
            System.Globalization.CultureInfo.CurrentCulture = before;
        }
    }

    public static TheoryData<object> WithoutText => [new Person("a"), new object(), new List<List<int>> { new() { 1 } }, new Dictionary<string, int> { ["a"] = 1 }, new Plain(), (1, 2.5), new { A = 1 }, new KeyValuePair<int, int>(1, 2)];

    [Theory]
    [MemberData(nameof(WithoutText))]
    public void A_placeholder_value_without_a_distinguishing_text_invalidates_all_possible_targets(object value)
    {
        var rules = RulesUnderTest.Of(RuleBuilder.When("a").InvalidateKeys("k:{x}").Invalidate("t:{x}"));
        var evaluation = rules.Current.Evaluate(Entity("a", "1", ("x", value)));
        Assert.Equal(["Everything ", "Glob k:*"], evaluation.Steps()[1].Targets.Select(named => $"{named.Target.Kind} {named.Target.Text}"));
        Assert.Equal(2, evaluation.Missing);
        var refused = Assert.Throws<ArgumentException>(() => CacheKey.TextOf(value));
        Assert.Equal(
            $"A value of type '{value.GetType()}' has no text that distinguishes it from others, so it cannot be part of a name. Pass one of its members, or implement IFormattable for the type. (Parameter 'value')",
            refused.Message);
        Assert.Throws<ArgumentException>(() => new Unstale.Queries.GlobTemplate(0, 1).AppendFormatted(value));
    }

    [Fact]
    public void A_placeholder_value_whose_text_throws_is_replaced_by_a_star() => Assert.Equal(
        ["Glob k:*"],
        RulesUnderTest.Of(RuleBuilder.When("a").InvalidateKeys("k:{x}")).TakenAtOnce(Entity("a", "1", ("x", new Throwing())))[1..]);

    [Fact]
    public void Placeholder_values_in_globs_are_escaped()
    {
        var rules = RulesUnderTest.Of(RuleBuilder.When("a").InvalidateGlobs("k:{id}:*"));

        Assert.Equal([@"Glob k:\*\[:*"], rules.TakenAtOnce(new Change("a", "*[") { Scope = ChangeScope.Entity })[1..]);
    }

    [Fact]
    public void A_star_as_a_placeholder_value_never_invalidates_everything()
    {
        var rules = RulesUnderTest.Of(RuleBuilder.When("a").Invalidate("{id}").InvalidateKeys("{id}").InvalidateGlobs("{id}"));

        Assert.Equal(["Key *", @"Glob \*"], rules.TakenAtOnce(new Change("a", "*") { Scope = ChangeScope.Entity })[1..]);
    }

    [Fact]
    public void A_placeholder_value_that_no_name_can_contain_gives_no_target()
    {
        var rules = RulesUnderTest.Of(RuleBuilder.When("a").Invalidate("{x}").InvalidateGlobs("g:{y}"));

        Assert.Empty(rules.TakenAtOnce(Entity("a", "1", ("x", new[] { "\0k", "\uD83D" }), ("y", "\uD83D")))[1..]);
    }

    [Fact]
    public void A_glob_that_becomes_too_long_invalidates_everything()
    {
        var rules = RulesUnderTest.Of(RuleBuilder.When("a").InvalidateGlobs("k:{id}:*"));

        Assert.Equal(["everything"], rules.TakenAtOnce(new Change("a", new string('x', 1024)) { Scope = ChangeScope.Entity })[1..]);
    }

    [Fact]
    public void For_a_change_without_an_id_the_context_may_contain_the_id()
    {
        var rules = RulesUnderTest.Of(RuleBuilder.When("a").InvalidateKeys("k:{id}", "a:{a}"));

        Assert.Equal(["Key k:3", "Key a:4"], rules.TakenAtOnce(new Change("a") { Context = new Dictionary<string, object?> { ["id"] = 3, ["a"] = 4 } })[1..]);
    }

    [Fact]
    public void A_literal_brace_in_a_template_is_written_twice()
    {
        var rules = RulesUnderTest.Of(RuleBuilder.When("a").Invalidate("{{id}}", "{{{id}}}").InvalidateGlobs("{{1,2}}"));

        Assert.Equal(["{id}", "Glob {1,2}", "{7}"], rules.TakenAtOnce(new Change("a", "7") { Scope = ChangeScope.Entity })[1..]);
    }

    [Fact]
    public void A_rule_without_its_placeholder_value_drops_ServeStaleOnce()
    {
        var rules = RulesUnderTest.Of(
            RuleBuilder.When("a").Invalidate("x", "y:{author}").Strategy(InvalidationStrategy.Lazy).ServeStaleOnce(),
            RuleBuilder.When("a").Invalidate("*"));

        var step = rules.Current.Evaluate(new Change("a")).Steps()[1];

        Assert.False(step.ServeStaleOnce);
        Assert.Equal(["x"], step.Targets.Select(named => named.Target.Text));
    }

    private static Change Entity(string resource, string id, params (string Name, object? Value)[] context) =>
        new(resource, id) { Scope = ChangeScope.Entity, Context = context.ToDictionary(pair => pair.Name, pair => pair.Value) };

    private sealed record Person(string Name);

    private sealed class Plain;

    private sealed class Throwing
    {
        public override string ToString() => throw new InvalidOperationException("no text");
    }

    private sealed class OwnText(double value)
    {
        public override string ToString() => $"own {value}";
    }

    private sealed class OwnFormat(double value) : IFormattable
    {
        public string ToString(string? format, IFormatProvider? formatProvider) => string.Create(formatProvider, $"format {value}");
    }
}
