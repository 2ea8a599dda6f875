using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Unstale.Log;
using Unstale.Queries;
using Unstale.Tests.Support;
using Unstale.Tests.Telemetry;
using Xunit;

namespace Unstale.Tests.Queries;

public sealed class ClearedReportTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Entries_cleared_by_an_event_are_measured_and_reported_in_one_log_event_with_fields_for_each_pattern()
    {
        await using var test = new QueriesUnderTest(b => b
            .AddEventRule(EventInvalidationRule.For<UserRegistered>(new GlobPattern("query_cache:ListUsersQuery:*")))
            .InvalidateOn<UserRegistered>((e, i) => i.Glob($"query_cache:GetUserQuery:user:{e.UserId}").Keys($"key:{e.UserId}")));
        using var measured = new Measurements("unstale.cache.name", test.Name);
        await test.HoldAsync("query_cache:ListUsersQuery:a", "query_cache:ListUsersQuery:b", "query_cache:GetUserQuery:user:secret", "key:secret", "kept");
        await test.Strategy.InvalidateAsync(new UserRegistered("secret"), Stop);
        Assert.Empty(test.Lines);
        test.Clock.Advance(TimeSpan.FromMilliseconds(200));
        await Eventually.Holds("the lines are written", () => test.Lines.Count == 3);

        const string Pattern = "query_cache:ListUsersQuery:*";
        Assert.Equal(
            [("(keys)", 1L), ("query_cache:GetUserQuery:user:{}", 1L), (Pattern, 2L)],
            test.Lines.Select(static one => ((string)one.Fields["pattern"]!, (long)one.Fields["keys_cleared"]!)));
        var line = test.Lines.Last();
        Assert.All(test.Lines, static one => Assert.Equal((52, LogLevel.Information, "cache_invalidated"), (one.Id, one.Level, one.Event)));
        Assert.Equal($"CACHE_INVALIDATION: UserRegistered cleared 2 entries by {Pattern}.", line.Text);
        Assert.Equal(
            new Dictionary<string, object?>
            {
                ["event_type"] = "UserRegistered", ["pattern"] = Pattern, ["keys_cleared"] = 2L, ["operation"] = "CACHE_INVALIDATION",
                ["timestamp"] = "2026-01-01T00:00:00.0000000+00:00", ["{OriginalFormat}"] = "{operation}: {event_type} cleared {keys_cleared} entries by {pattern}.",
            },
            line.Fields);
        var labels = $"/event/UserRegistered/{Pattern}";
        var values = measured.Recorded();
        Assert.Equal((1, 2), (values[$"unstale.events.invalidations{labels}"], values[$"unstale.events.cleared{labels}"]));
        Assert.Equal(0, values[$"unstale.events.duration{labels}"]);
        Assert.Equal(("{invalidation}", "{entry}", "s"), (measured.Units["unstale.events.invalidations"], measured.Units["unstale.events.cleared"], measured.Units["unstale.events.duration"]));
        Assert.DoesNotContain(values.Keys, static label => label.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Names_built_from_values_are_reported_by_their_templates()
    {
        await using var test = new QueriesUnderTest(b => b.InvalidateOn<UserRegistered>((e, i) => i
            .Tags(e.UserId).Patterns(QueryPattern.ForEntity<GetUserQuery>(e.UserId)).Entity<GetUserQuery>(e.UserId).Query(new GetUserQuery(e.UserId)).Queries<ListUsersQuery>()
            .Changed("user", e.UserId)));
        await test.Strategy.InvalidateAsync(new UserRegistered("secret"), Stop);
        test.Clock.Advance(TimeSpan.FromMilliseconds(200));
        await Eventually.Holds("the lines are written", () => test.Lines.Count == 6);
        Assert.Equal(
            ["(patterns)", "(tags)", "query_cache:GetUserQuery*:{}", "query_cache:GetUserQuery:{}", "query_cache:ListUsersQuery:*", "(changes)"],
            test.Lines.Select(static line => line.Fields["pattern"]));
    }

    [Fact]
    public async Task Entries_cleared_by_dependents_and_changes_are_counted_for_the_pattern_that_led_to_them()
    {
        await using var test = new QueriesUnderTest(b => b.InvalidateOn<UserRegistered>(static (e, i) => i
            .Keys("base").Glob($"g:{e.UserId}:*").Changed("user", e.UserId).Changed("team", "1")));
        test.Cache.Rules.AddDependency("computed", ["base"]);
        await test.HoldAsync("base", "computed", "g:1:a", "g:1:b", "g:2:a");
        await test.Cache.SetAsync("user:1:profile", 1, tags: ["user:1"], cancellationToken: Stop);
        await test.Cache.SetAsync("team:1:name", 1, tags: ["team"], cancellationToken: Stop);
        await test.Strategy.InvalidateAsync(new UserRegistered("1"), Stop);
        test.Clock.Advance(TimeSpan.FromMilliseconds(200));
        await Eventually.Holds("the lines are written", () => test.Lines.Count == 3);
        Assert.Equal(
            [("(keys)", 2L), ("g:{}:*", 2L), ("(changes)", 2L)],
            test.Lines.Select(static one => ((string)one.Fields["pattern"]!, (long)one.Fields["keys_cleared"]!)));
    }

    [Fact]
    public async Task An_event_with_too_many_names_for_the_log_is_reported_once_with_all_its_patterns()
    {
        await using var test = new QueriesUnderTest(b => b.InvalidateOn<UserRegistered>(static (_, i) =>
        {
            i.Tags("t");
            for (var key = 0; key < 10_000; key++)
                i.Keys($"k{key}");
        }));
        await test.HoldAsync("k1", "other");
        await test.Strategy.InvalidateAsync(new UserRegistered("1"), Stop);
        test.Clock.Advance(TimeSpan.FromMilliseconds(200));
        await Eventually.Holds("the line is written", () => !test.Lines.IsEmpty);
        var line = Assert.Single(test.Lines);
        Assert.Equal(("(keys), (tags)", 2L), (line.Fields["pattern"], line.Fields["keys_cleared"]));
    }

    [Fact]
    public async Task Rules_with_logInvalidation_false_write_no_line_and_are_measured()
    {
        await using var test = new QueriesUnderTest(b => b
            .AddEventRule(EventInvalidationRule.For<UserRegistered>(static (_, i) => i.Keys("k"), logInvalidation: false))
            .AddCommandInvalidation(static m => m.On<UserRegistered>(static (_, i) => i.Keys("k"), logInvalidation: false)));
        using var measured = new Measurements("unstale.cache.name", test.Name);
        await test.HoldAsync("k");
        await test.Strategy.InvalidateAsync(new UserRegistered("1"), Stop);
        await test.Commands.ExecuteAsync(new UserRegistered("1"), static _ => ValueTask.CompletedTask, Stop);
        await Eventually.Holds(
            "both are counted",
            () => measured.Recorded() is var v && v.ContainsKey("unstale.events.cleared/event/UserRegistered/(keys)") && v.ContainsKey("unstale.events.cleared/command/UserRegistered/(keys)"));
        Assert.Equal(1, measured.Recorded()["unstale.events.cleared/event/UserRegistered/(keys)"]);
        Assert.Equal(0, measured.Recorded()["unstale.events.cleared/command/UserRegistered/(keys)"]);
        Assert.Empty(test.Lines);
    }

    [Fact]
    public async Task An_event_without_a_count_within_the_limit_is_logged_without_a_count()
    {
        await using var test = new QueriesUnderTest(
            b => b.InvalidateOn<UserRegistered>(static (_, i) => i.Keys("k")),
            static o => o.Log = $"log-{Guid.NewGuid():n}",
            static s => s.AddKeyedSingleton<IInvalidationLog>(KeyedService.AnyKey, static (_, _) => new SilentLog()));
        using var measured = new Measurements("unstale.cache.name", test.Name);
        var raised = test.Strategy.InvalidateAsync(new UserRegistered("1"), Stop).AsTask();
        await Eventually.Ends("the deadline passes", raised, () => test.Clock.Advance(TimeSpan.FromSeconds(1)));
        Assert.DoesNotContain(test.Lines, static l => l.Id == 52);
        test.Clock.Advance(TimeSpan.FromSeconds(30));
        await Eventually.Holds("the line is written", () => test.Lines.Any(static l => l.Id == 52));
        var line = Assert.Single(test.Lines, static l => l.Id == 52);
        Assert.Null(line.Fields["keys_cleared"]);
        Assert.Equal("CACHE_INVALIDATION: UserRegistered cleared uncounted entries by (keys).", line.Text);
        Assert.DoesNotContain("unstale.events.cleared/event/UserRegistered/(keys)", measured.Recorded().Keys);
    }

    [Fact]
    public async Task At_the_disposal_of_the_services_waiting_lines_are_written_without_a_count()
    {
        var test = new QueriesUnderTest(static b => b.AddEventRule(EventInvalidationRule.For<UserRegistered>(new GlobPattern("a*"))));
        await test.Strategy.InvalidateAsync(new UserRegistered("1"), Stop);
        test.Get<QueryInvalidator>().Dispose();
        await Eventually.Holds("the line is written", () => !test.Lines.IsEmpty);
        Assert.Null(Assert.Single(test.Lines).Fields["keys_cleared"]);
        await test.DisposeAsync();
    }

    [Fact]
    public async Task Concurrent_waits_for_counts_of_cleared_entries_are_limited()
    {
        await using var test = new QueriesUnderTest(static b => b.AddEventRule(EventInvalidationRule.For<UserRegistered>(new GlobPattern("a*"))));
        for (var i = 0; i < RemovalReporter.MostWaiting + 5; i++)
            await test.Strategy.InvalidateAsync(new UserRegistered("1"), Stop);
        Assert.Equal(5, test.Lines.Count);
        Assert.All(test.Lines, static line => Assert.Null(line.Fields["keys_cleared"]));
        test.Clock.Advance(TimeSpan.FromMilliseconds(200));
        await Eventually.Holds("the others are written", () => test.Lines.Count == RemovalReporter.MostWaiting + 5);
    }
}
