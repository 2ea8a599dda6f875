using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Rules;
using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests;

/// <summary>Positions, generations and explanations as JSON, without registered converters.</summary>
public sealed partial class JsonTests
{
    private static readonly Generation One = Generation.Parse("6f0d3c9a51e84b7286c4d01f7be2a9c1");
    private static readonly LogPosition Position = new(0, One, 42);
    private static readonly LogPositions Positions = LogPositions.Of(Position).Merge(LogPositions.Of(new LogPosition(3, One, long.MaxValue)));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void A_generation_is_the_string_of_its_digits() => AssertRoundTrip(One, "\"6f0d3c9a51e84b7286c4d01f7be2a9c1\"");

    [Fact]
    public void No_generation_is_32_zeros() => AssertRoundTrip(Generation.None, "\"00000000000000000000000000000000\"");

    [Fact]
    public void A_position_is_the_string_of_its_parts() => AssertRoundTrip(Position, "\"0-6f0d3c9a51e84b7286c4d01f7be2a9c1-42\"");

    [Fact]
    public void A_missing_position_is_null() => AssertRoundTrip<LogPosition?>(null, "null");

    [Fact]
    public void Positions_are_one_string() =>
        AssertRoundTrip(Positions, "\"0-6f0d3c9a51e84b7286c4d01f7be2a9c1-42,3-6f0d3c9a51e84b7286c4d01f7be2a9c1-9223372036854775807\"");

    [Fact]
    public void Empty_positions_are_the_empty_string() => AssertRoundTrip(LogPositions.Empty, "\"\"");

    [Fact]
    public void A_position_may_be_a_key_of_a_dictionary()
    {
        var json = JsonSerializer.Serialize(new Dictionary<LogPosition, int> { [Position] = 7 });

        Assert.Equal("{\"0-6f0d3c9a51e84b7286c4d01f7be2a9c1-42\":7}", json);
        Assert.Equal(7, JsonSerializer.Deserialize<Dictionary<LogPosition, int>>(json)![Position]);
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Dictionary<LogPosition, int>>("{\"0-1-2\":7}"));
    }

    [Fact]
    public void A_generated_context_uses_the_same_form() => Assert.Equal(
        "{\"Generation\":\"6f0d3c9a51e84b7286c4d01f7be2a9c1\",\"Position\":\"0-6f0d3c9a51e84b7286c4d01f7be2a9c1-42\"}",
        JsonSerializer.Serialize(new Session(One, Position), Contracts.Default.Session));

    [Theory]
    [InlineData("42")]
    [InlineData("{}")]
    [InlineData("\"\"")]
    [InlineData("\"0-6f0d3c9a51e84b7286c4d01f7be2a9c1\"")]
    [InlineData("null")]
    public void Any_other_JSON_is_refused_as_a_position(string json) => Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<LogPosition>(json));

    [Theory]
    [InlineData("[]")]
    [InlineData("\"0-6f0d3c9a51e84b7286c4d01f7be2a9c1-1,0-6f0d3c9a51e84b7286c4d01f7be2a9c1-2\"")]
    public void Any_other_JSON_is_refused_as_positions(string json) => Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<LogPositions>(json));

    [Fact]
    public async Task The_positions_of_a_receipt_are_read_back()
    {
        await using var test = new CacheUnderTest();
        var receipt = await test.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);

        Assert.Equal(receipt.Position, JsonSerializer.Deserialize<LogPosition>(JsonSerializer.Serialize(receipt.Position)));
        Assert.Equal(receipt.Positions, JsonSerializer.Deserialize<LogPositions>(JsonSerializer.Serialize(receipt.Positions)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_explanation_is_read_back_with_all_its_parts(bool isWeb)
    {
        var options = isWeb ? JsonSerializerOptions.Web : JsonSerializerOptions.Default;
        await using var cluster = new TestCluster();
        await cluster.A.ReadAsync("k", new Source(), null, "a", "b");
        await Eventually.Holds("the value is in the second level", () => cluster.Server.Read(static d => d.Values.ContainsKey("k")));
        await cluster.A.Invalidator.InvalidateTagAsync("a", reason: "a test", cancellationToken: Stop);
        Assert.False(cluster.A.Holds("k"));

        await AssertRoundTripAsync(cluster.A, options);
        await cluster.A.ReadAsync("k", new Source(), null, "a", "b");
        var json = await AssertRoundTripAsync(cluster.A, options);
        Assert.Contains("\"Live\"", json, StringComparison.Ordinal);
        Assert.Contains("\"Tag\"", json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_statistics_of_rules_have_the_names_of_the_tagged_invalidation_system(bool isGenerated)
    {
        await using var test = new CacheUnderTest(services: static services => services.AddUnstale().AddRules(static rules => rules
            .Add(new InvalidationRule
            {
                Name = "user data", Triggers = ["user"], Tags = ["session"], Priority = 100, Relationships = [new DataRelationship("user", ["navigation"]) { Kind = RelationshipKind.OneToOne, Depth = 2 }],
            })
            .Add(new InvalidationRule { Name = "form", Triggers = ["form"], Tags = ["form_state"], Strategy = InvalidationStrategy.Batched })));
        await test.Cache.SetAsync("s", 1, tags: ["session"], cancellationToken: Stop);
        await test.Invalidator.ChangedAsync("user", "1", cancellationToken: Stop);
        test.Sweep();
        await Eventually.Holds("the entry is counted", () => test.Cache.GetStatistics().Rules.EntriesInvalidated == 1);
        var statistics = test.Cache.GetStatistics().Rules;
        var json = isGenerated ? JsonSerializer.Serialize(statistics, Contracts.Default.RuleSetStatistics) : JsonSerializer.Serialize(statistics);
        Assert.Equal(
            """
            {"rules":2,"relationship_details":[{"source_type":"user","target_types":["navigation"],"relationship_type":"one_to_one","cascade_depth":2,"bidirectional":false}],
            "dependencies":0,"pending_tags":0,"pending_keys":0,"pending_patterns":0,"batch_delay":"00:00:00.1000000","entries_invalidated":1,"entries_of_changes":0,
            "activations":{"immediate":1,"batched":0,"lazy":0,"cascade":0},"relationships":1,"total_invalidations":1,"immediate_invalidations":1,"batched_invalidations":0,
            "lazy_invalidations":0,"cascade_invalidations":0,"rule_details":[
            {"name":"user data","strategy":"immediate","priority":100,"trigger_tags":["user"],"invalidate_tags":["session"],"execution_count":1,"entries_invalidated":1,"last_execution":"2026-01-01T00:00:00+00:00","condition_failures":0,"slowest_condition":"00:00:00","missing_values":0},
            {"name":"form","strategy":"batched","priority":0,"trigger_tags":["form"],"invalidate_tags":["form_state"],"execution_count":0,"entries_invalidated":0,"last_execution":null,"condition_failures":0,"slowest_condition":"00:00:00","missing_values":0}]}
            """.ReplaceLineEndings(""),
            json);
        var rule = JsonSerializer.Deserialize<RuleStatistics>(JsonSerializer.Serialize(statistics.Details[1]))!;
        Assert.Equal(("form", InvalidationStrategy.Batched, "form_state"), (rule.Name, rule.Strategy, Assert.Single(rule.InvalidateTags)));
    }

    private static async Task<string> AssertRoundTripAsync(ClusterNode node, JsonSerializerOptions options)
    {
        var explanation = await node.Cache.ExplainAsync("k", cancellationToken: Stop);
        Assert.NotEmpty(explanation.Recent);
        Assert.NotNull(explanation.Removed?.TakenBy);
        var json = JsonSerializer.Serialize(explanation, options);

        var read = JsonSerializer.Deserialize<KeyExplanation>(json, options)!;

        Assert.Equal(json, JsonSerializer.Serialize(read, options));
        Assert.Equal(explanation.ToString(), read.ToString());
        Assert.Equal(explanation.Recent.Select(static record => record.ToString()), read.Recent.Select(static record => record.ToString()));
        Assert.Equal(
            (explanation.State, explanation.Position, explanation.Age, explanation.Remote.State, explanation.Remote.Position, explanation.Removed.TakenBy.Position),
            (read.State, read.Position, read.Age, read.Remote.State, read.Remote.Position, read.Removed!.TakenBy!.Position));
        return json;
    }

    private static void AssertRoundTrip<T>(T value, string expected)
    {
        Assert.Equal(expected, JsonSerializer.Serialize(value));
        Assert.Equal(value, JsonSerializer.Deserialize<T>(expected));
    }

    internal sealed record Session(Generation Generation, LogPosition Position);

    [JsonSerializable(typeof(Session))]
    [JsonSerializable(typeof(RuleSetStatistics))]
    internal sealed partial class Contracts : JsonSerializerContext;
}
