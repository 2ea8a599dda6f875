using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Unstale.Rules;
using Unstale.Tests.Cluster;
using Xunit;

namespace Unstale.Tests.Hosting;

/// <summary>Rules from a section of the configuration.</summary>
public sealed class RulesConfigurationTests
{
    private const string Known = "Name, When, Invalidate, Operations, Fields, Glob, Regex, Keys, Strategy, Priority, Relationships, DependsOn, Description, Condition, ServeStaleOnce";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Second rule of the list with the expected error, without the path of the list.</summary>
    public static TheoryData<string, string> Wrong => new()
    {
        { """{ "Name": "x", "When": "a", "Invalidate": "b", "Stratgey": "Lazy" }""", $":1:Stratgey', in the rule 'x': The key is unknown. Known keys are {Known}." },
        { """{ "Name": "x", "When": "a", "Invalidate": "b", "Strategy": "Slow" }""", ":1:Strategy', in the rule 'x': 'Slow' is not one of Immediate, Batched, Lazy, Cascade." },
        { """{ "Name": "x", "When": "a", "Invalidate": "b", "Strategy": "1" }""", ":1:Strategy', in the rule 'x': '1' is not one of Immediate, Batched, Lazy, Cascade." },
        { """{ "Name": "x", "When": "a", "Invalidate": "b", "Strategy": ["Lazy"] }""", ":1:Strategy', in the rule 'x': Expected a string but found an object, a list or null." },
        { """{ "Name": "x", "When": "a", "Invalidate": "b", "Operations": ["Create", "Drop"] }""", ":1:Operations:1', in the rule 'x': 'Drop' is not one of Update, Create, Delete." },
        { """{ "Name": "x", "When": "a", "Invalidate": "b", "Priority": "high" }""", ":1:Priority', in the rule 'x': 'high' is not a whole number." },
        { """{ "Name": "x", "When": "a", "Invalidate": "b", "ServeStaleOnce": "maybe" }""", ":1:ServeStaleOnce', in the rule 'x': 'maybe' is neither true nor false." },
        { """{ "Name": "x", "When": "a", "Invalidate": "b", "Condition": "cheap" }""", ":1:Condition', in the rule 'x': There is no condition 'cheap'. Known conditions are dear, big; add 'cheap' with AddCondition." },
        { """{ "Name": "x", "When": "a", "Invalidate": [["b"]] }""", ":1:Invalidate:0', in the rule 'x': Expected a string but found an object, a list or null." },
        { """{ "Name": "x", "When": "a", "Regex": ["b", "("] }""", ":1:Regex:1', in the rule 'x': The regular expression '(' is invalid: Invalid pattern '(' at offset 1. Not enough )'s. (Parameter 'text')" },
        { """{ "Name": "x", "When": "a", "Invalidate": "{" }""", ":1', in the rule 'x': '{' has an unmatched brace at index 0. Write a placeholder as {name}, and a literal brace as {{ or }}. (Parameter 'text')" },
        { """{ "Name": "x", "Invalidate": "b" }""", ":1', in the rule 'x': The rule 'x' has no trigger. Add at least one trigger. (Parameter 'triggers')" },
        { """{ "Name": "x", "When": "a", "Relationships": "b" }""", ":1:Relationships', in the rule 'x': Expected a list of objects but found a string." },
        { """{ "Name": "x", "When": "a", "Relationships": [{ "From": "a", "To": "b", "Deep": 2 }] }""", ":1:Relationships:0:Deep', in the rule 'x': The key is unknown. Known keys are From, To, Type, Depth, Bidirectional." },
        { """{ "Name": "x", "When": "a", "Relationships": [{ "From": "a", "To": "b", "Depth": 0 }] }""", ":1:Relationships:0:Depth', in the rule 'x': The depth of a relationship is 0; it must be at least 1, which reaches only the direct targets. (Parameter 'depth')" },
        { """{ "Name": "x", "When": "a", "Relationships": [{ "From": "a", "To": "b", "Type": "Some" }] }""", ":1:Relationships:0:Type', in the rule 'x': 'Some' is not one of OneToMany, OneToOne, ManyToOne, ManyToMany." },
        { """{ "Name": "x", "When": "a", "Relationships": [{ "From": "a" }] }""", ":1:Relationships:0', in the rule 'x': The relationship of 'a' has no target. Add the types that a change of 'a' also affects. (Parameter 'targets')" },
        { """{ "Name": "x", "When": "a", "Relationships": ["a"] }""", ":1:Relationships:0', in the rule 'x': Expected an object with some of the keys From, To, Type, Depth, Bidirectional but found a string." },
        { """{ "Name": "x", "When": "a", "DependsOn": [{ "On": "a" }] }""", ":1:DependsOn:0:Key', in the rule 'x': Expected a string but found nothing." },
        { """ "x" """, $":1': Expected an object with some of the keys {Known} but found a string." },
        { """{ "Name": "first", "When": "a", "Invalidate": "b" }""", ":1', in the rule 'first': A rule with this name already exists. Rename one of the two rules." },
        { """{ "Name": "coded", "When": "a", "Invalidate": "b" }""", ":1', in the rule 'coded': A rule with this name already exists. Rename one of the two rules." },
    };

    [Fact]
    public void A_configured_rule_has_the_values_of_its_section()
    {
        var settings = new JsonSettings("""
            { "Name": "all", "When": ["product", "pricing:4"], "Invalidate": ["a", "b:{id}"], "Keys": "k:{id}", "Glob": ["g:{id}:*"], "Regex": "r:[0-9]+",
              "Operations": ["Create", "delete"], "Fields": ["price"], "Strategy": "cascade", "Priority": -70, "Description": "Why.", "Condition": "dear",
              "Relationships": [{ "From": "product", "To": ["pricing", "query"], "Type": "ManyToOne", "Depth": 2, "Bidirectional": true }, { "From": "a", "To": "b" }],
              "DependsOn": [{ "Key": "sum:{id}", "On": ["pricing:{id}", "tax"] }] }
            """, """{ "When": "user", "Invalidate": "u", "Fields": [], "Description": null, "Strategy": "Lazy", "ServeStaleOnce": true }""");
        using var services = Services(settings).BuildServiceProvider();
        var rules = services.GetRequiredService<InvalidationRules>().Rules;
        Assert.Equal(["coded", "user -> u", "all"], rules.Select(rule => rule.Name));
        var all = rules[2];
        Assert.Equal(
            ["product pricing:4", "a b:{id}", "k:{id}", "g:{id}:*", "r:[0-9]+", "Create Delete", "price"],
            [
                Joined(all.Triggers), Joined(all.Tags), Joined(all.Keys), Joined(all.Globs), Joined(all.Patterns.Select(pattern => pattern.Text)), Joined(all.Operations),
                Joined(all.Fields),
            ]);
        Assert.Equal((InvalidationStrategy.Cascade, -70, "Why."), (all.Strategy, all.Priority, all.Description));
        Assert.IsType<RegexPattern>(Assert.Single(all.Patterns));
        Assert.False(all.Condition!(new Change("product")));
        Assert.True(all.Condition!(new Change("product", "dear")));
        Assert.Equal(
            [new("product", ["query", "pricing"]) { Kind = RelationshipKind.ManyToOne, Depth = 2, Bidirectional = true }, new DataRelationship("a", ["b"])], all.Relationships);
        Assert.Equal("sum:{id} on pricing:{id} tax", Assert.Single(all.Dependencies) is var dependency ? $"{dependency.Key} on {Joined(dependency.On)}" : "");
        Assert.True(rules[1].ServeStaleOnce);
        Assert.Null(rules[1].Description);
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Invalid_configured_rules_are_reported_with_path_and_rule_at_the_start_and_at_a_change(string rule, string problem)
    {
        const string First = """{ "Name": "first", "When": "product", "Invalidate": "t" }""";
        var expected = $"The configuration of rules is invalid at 'Caches:Rules{problem}";
        var builder = Host.CreateEmptyApplicationBuilder(null);
        foreach (var service in Services(new JsonSettings(First, rule)))
            builder.Services.Add(service);
        using (var host = builder.Build())
            Assert.Equal(expected, (await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync(Stop))).Message);

        using var log = new CapturedLog();
        var settings = new JsonSettings(First);
        await using var services = Services(settings, log).BuildServiceProvider();
        var rules = services.GetRequiredService<InvalidationRules>();
        settings.Change(First, rule);
        Assert.Equal(["coded", "first"], rules.Rules.Select(r => r.Name));
        Assert.Equal([$"Cache default: the changed configuration of rules is invalid, and the previous rules stay in force. {expected}"], log.Texts(LogLevel.Error));
        settings.Change("""{ "Name": "second", "When": "product", "Invalidate": "t" }""");
        Assert.Equal(["coded", "second"], rules.Rules.Select(r => r.Name));
        Assert.True(log.Says("Cache default: the configuration of rules has changed and is in force, with 2 rules."));
    }

    [Theory]
    [InlineData("""{ "Caches": { "Rules": "none" } }""", "Expected a list of objects but found a string.")]
    [InlineData("""{ "Caches": { } }""", "The section does not exist. Pass the section that contains the rules; for no rules, write an empty list.")]
    public void A_section_that_is_no_list_is_refused(string json, string problem)
    {
        using var services = Services(JsonSettings.OfFile(json)).BuildServiceProvider();
        var refused = Assert.Throws<InvalidOperationException>(services.GetRequiredService<UnstaleCache>);
        Assert.Equal($"The configuration of rules is invalid at 'Caches:Rules': {problem}", refused.Message);
    }

    [Fact]
    public void An_empty_list_has_no_rules()
    {
        using var services = Services(new JsonSettings()).BuildServiceProvider();
        Assert.Single(services.GetRequiredService<InvalidationRules>().Rules);
    }

    [Fact]
    public void A_change_of_an_unrelated_setting_is_not_reported_as_a_change_of_the_rules()
    {
        using var log = new CapturedLog();
        var settings = new JsonSettings("""{ "Name": "first", "When": "product", "Invalidate": "t" }""");
        using var services = Services(settings, log).BuildServiceProvider();
        _ = services.GetRequiredService<InvalidationRules>();
        settings.ChangeOther("1");
        settings.ChangeOther("2");
        Assert.False(log.Says("the configuration of rules"));
    }

    [Fact]
    public async Task A_rule_that_is_declared_again_keeps_its_counts_and_after_the_end_no_change_is_followed()
    {
        var settings = new JsonSettings("""{ "Name": "first", "When": "product", "Invalidate": "t" }""");
        InvalidationRules rules;
        await using (var services = Services(settings).BuildServiceProvider())
        {
            rules = services.GetRequiredService<InvalidationRules>();
            var cache = services.GetRequiredService<UnstaleCache>();
            await cache.Invalidator.ChangedAsync("product", 1, cancellationToken: Stop);
            settings.Change("""{ "Name": "first", "When": "product", "Invalidate": "u", "Priority": 3 }""");
            var first = Assert.Single(cache.GetStatistics().Rules.Details, rule => rule.Name == "first");
            Assert.Equal((1, 3), (first.Executions, first.Priority));
        }

        settings.Change("""{ "Name": "late", "When": "product", "Invalidate": "u" }""");
        Assert.DoesNotContain("late", rules.Rules.Select(rule => rule.Name));
    }

    [Fact]
    public async Task Each_change_is_evaluated_against_one_consistent_set_of_rules_during_replacements()
    {
        const string Even = """{ "Name": "one", "When": "product", "Keys": ["e1:{id}"] }, { "Name": "two", "When": "product", "Keys": ["e2:{id}"] }""";
        const string Odd = """{ "Name": "one", "When": "product", "Keys": ["o1:{id}"] }, { "Name": "two", "When": "product", "Keys": ["o2:{id}"] }""";
        var settings = new JsonSettings(Even);
        await using var services = Services(settings).BuildServiceProvider();
        var cache = services.GetRequiredService<UnstaleCache>();
        using var ends = new CancellationTokenSource();
        var reloads = Task.Run(
            () =>
            {
                for (var i = 0; !ends.IsCancellationRequested; i++)
                    settings.Change(i % 2 == 0 ? Odd : i % 3 == 0 ? """{ "Wrong": 1 }""" : Even);
            },
            Stop);
        for (var i = 0; i < 2_000; i++)
        {
            string[] keys = [$"e1:{i}", $"e2:{i}", $"o1:{i}", $"o2:{i}"];
            foreach (var key in keys)
                await cache.GetOrCreateAsync(key, static _ => new ValueTask<int>(1), cancellationToken: Stop);
            await cache.Invalidator.ChangedAsync("product", i, cancellationToken: Stop);
            var gone = Joined(keys.Where(key => !cache.TryGet(key, out int _)));
            Assert.True(gone == Joined(keys[..2]) || gone == Joined(keys[2..]), gone);
        }

        await ends.CancelAsync();
        await reloads;
    }

    [Fact]
    public void Rules_belong_to_the_cache_they_were_added_to()
    {
        using var services = new ServiceCollection().AddUnstale("a").AddRules(static rules => rules.When("x").Invalidate("y")).Services.AddUnstale("b").Services.BuildServiceProvider();
        Assert.Single(services.GetRequiredKeyedService<InvalidationRules>("a").Rules);
        Assert.Empty(services.GetRequiredKeyedService<InvalidationRules>("b").Rules);
        Assert.Same(services.GetRequiredKeyedService<InvalidationRules>("a"), services.GetRequiredKeyedService<UnstaleCache>("a").Rules);
        Assert.Null(services.GetService<InvalidationRules>());
    }

    [Fact]
    public async Task Invalid_rules_in_code_are_an_error_when_the_host_starts()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddUnstale().AddRules(static rules => rules.When("a").Named("x"));
        using var host = builder.Build();
        Assert.StartsWith("The rule 'x' invalidates nothing.", (await Assert.ThrowsAsync<ArgumentException>(() => host.StartAsync(Stop))).Message, StringComparison.Ordinal);
    }

    private static string Joined<T>(IEnumerable<T> parts) => string.Join(' ', parts);

    private static ServiceCollection Services(JsonSettings settings, CapturedLog? log = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(new FakeTimeProvider());
        if (log is not null)
            services.AddLogging(l => l.SetMinimumLevel(LogLevel.Trace).AddProvider(log));
        services.AddUnstale()
            .AddRules(static rules => rules.When("coded").Named("coded").Invalidate("c").Priority(1))
            .AddCondition("dear", static change => change.Id == "dear")
            .AddCondition("big", static _ => true)
            .AddRules(settings.Root.GetSection("Caches:Rules"));
        return services;
    }
}
