using System.Diagnostics;
using Unstale.Log;
using Unstale.Rules;
using Xunit;

namespace Unstale.Tests.Rules;

/// <summary>Explanations of a key in one process: state, and invalidating record.</summary>
public sealed class ExplainTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_explanation_of_a_key_that_was_never_cached_is_Absent_without_records()
    {
        await using var test = new CacheUnderTest();
        var found = await ExplainAsync(test, "k");
        Assert.Equal((EntryState.Absent, null, null, RemoteState.None), (found.State, found.Position, found.Age, found.Remote.State));
        Assert.Null(found.TakenBy);
        Assert.Null(found.Removed);
        Assert.Empty(found.Recent);
        Assert.Equal("'k' is not cached: no removed value is recorded.", found.ToString());
    }

    [Fact]
    public async Task The_explanation_of_a_cached_key_contains_age_lifetime_position_tags_and_dependencies()
    {
        await using var test = new CacheUnderTest();
        await test.Invalidator.InvalidateTagAsync("other", cancellationToken: Stop);
        await test.Cache.GetOrCreateAsync(
            "a", async _ => await LoadAsync(test, "b", "t"), new UnstaleEntryOptions { Expiration = TimeSpan.FromSeconds(60), FreshFor = TimeSpan.FromSeconds(30) }, ["own"], Stop);
        Advance(test, 12);
        var live = await ExplainAsync(test, "a");
        Assert.Equal((EntryState.Live, Seconds(12), Seconds(48), Seconds(18)), (live.State, live.Age, live.ExpiresIn, live.FreshIn));
        Assert.Equal((1, "own t", "b"), (live.Position!.Value.Sequence, Text(live.Tags), Text(live.Dependencies)));
        Assert.Equal("'a' is live; it was stored 12.0 s ago and expires in 48.0 s.", live.ToString());
        Advance(test, 20);
        var stale = await ExplainAsync(test, "a");
        Assert.Equal((EntryState.Stale, TimeSpan.Zero), (stale.State, stale.FreshIn));
        Assert.Equal("'a' is stale: the next read refreshes it; it was stored 32.0 s ago and expires in 28.0 s.", stale.ToString());
        Advance(test, 28);
        var expired = await ExplainAsync(test, "a");
        Assert.Equal((EntryState.Expired, TimeSpan.Zero, null), (expired.State, expired.ExpiresIn, expired.TakenBy));
        Assert.Equal("'a' has expired; it was stored 60.0 s ago.", expired.ToString());
    }

    [Theory]
    [InlineData("user", "tag 'user'")]
    [InlineData("user:123", "tag 'user:123'")]
    [InlineData("user user:123", "tag 'user'")]
    public async Task The_explanation_names_the_tag_that_invalidated_an_entry(string carried, string expected)
    {
        await using var test = new CacheUnderTest();
        await LoadAsync(test, "k", carried.Split(' '));
        Advance(test, 1);
        var receipt = await test.Invalidator.ChangedAsync("user", "123", cancellationToken: Stop);
        var found = await ExplainAsync(test, "k");
        Assert.Equal(EntryState.Invalidated, found.State);
        Assert.Equal(carried.Split(' '), found.TakenBy!.Targets.Select(target => target.Text));
        Assert.Equal(expected, found.TakenBy.Target.ToString());
        Assert.Equal((receipt.Position, "Update user 123", test.Clock.Start.AddSeconds(1)), (found.TakenBy.Position, found.TakenBy.Reason, found.TakenBy.Time));
        Assert.NotEqual(0, found.TakenBy.Id);
        Assert.Equal(
            $"'k' was invalidated by {expected}, because of 'Update user 123', raised by {found.TakenBy.Service} (node {found.TakenBy.Node}), 2026-01-01 00:00:01.000Z, at {receipt.Position}.",
            found.ToString());
    }

    [Fact]
    public async Task A_change_of_one_user_invalidates_an_entry_of_another_user_by_the_bare_tag_alone()
    {
        await using var test = new CacheUnderTest();
        await LoadAsync(test, "k", "user", "user:456");
        await test.Invalidator.ChangedAsync("user", "123", cancellationToken: Stop);
        Assert.Equal(["user"], (await ExplainAsync(test, "k")).TakenBy!.Targets.Select(target => target.Text));
    }

    [Fact]
    public async Task The_explanation_names_the_rule_and_the_chain_of_relationships()
    {
        await using var test = new CacheUnderTest();
        test.Cache.Rules.Add(RuleBuilder.When("product").Named("prices").Invalidate("price").Relates("product", ["pricing"]).Build());
        test.Cache.Rules.AddRelationship(new DataRelationship("product", ["catalogue"]));
        await LoadAsync(test, "by rule", "price");
        await LoadAsync(test, "by relationship of the rule", "pricing:7");
        await LoadAsync(test, "by relationship", "catalogue");
        await test.Invalidator.ChangedAsync("product", "7", cancellationToken: Stop);
        Assert.Equal(new ExplainedTarget(TargetKind.Tag, "price", "prices", null, null), (await ExplainAsync(test, "by rule")).TakenBy!.Target);
        var spread = (await ExplainAsync(test, "by relationship of the rule")).TakenBy!.Target;
        Assert.Equal(new ExplainedTarget(TargetKind.Tag, "pricing:7", "prices", "product -> pricing", null), spread);
        Assert.Equal("tag 'pricing:7' (rule 'prices', product -> pricing)", spread.ToString());
        Assert.Equal(
            new ExplainedTarget(TargetKind.Tag, "catalogue", null, "product -> catalogue", null), (await ExplainAsync(test, "by relationship")).TakenBy!.Target);
    }

    [Fact]
    public async Task The_explanation_names_the_chain_of_declared_dependencies()
    {
        await using var test = new CacheUnderTest();
        test.Cache.Rules.AddDependency("calculation", "price");
        test.Cache.Rules.AddDependency("total", "calculation");
        await LoadAsync(test, "total");
        await test.Cache.RemoveAsync("price", Stop);
        var found = await ExplainAsync(test, "total");
        Assert.Equal(EntryState.Absent, found.State);
        Assert.Contains(found.TakenBy!.Targets, target => target is { Text: "total", Chain: "price -> calculation -> total", MadeFrom: null });
    }

    [Fact]
    public async Task The_explanation_names_the_invalidated_dependency_of_a_derived_value()
    {
        await using var test = new CacheUnderTest();
        await test.Cache.GetOrCreateAsync("a", async _ => await LoadAsync(test, "b:1", "t"), cancellationToken: Stop);
        await test.Cache.RemoveAsync("b:1", Stop);
        var found = (await ExplainAsync(test, "a")).TakenBy!.Target;
        Assert.Equal(new ExplainedTarget(TargetKind.Key, "b:1", null, null, "b:1"), found);
        Assert.Equal("key 'b:1' (made from 'b:1')", found.ToString());
        await test.Cache.GetOrCreateAsync("a", async _ => await LoadAsync(test, "b:1", "t"), cancellationToken: Stop);
        await test.Invalidator.InvalidatePatternAsync(new GlobPattern("b:*"), cancellationToken: Stop);
        Assert.Equal(new ExplainedTarget(TargetKind.Glob, "b:*", null, null, "b:1"), (await ExplainAsync(test, "a")).TakenBy!.Target);
    }

    [Fact]
    public async Task The_explanation_contains_the_trace_of_the_invalidating_call()
    {
        await using var test = new CacheUnderTest();
        await LoadAsync(test, "k");
        using var activity = new Activity("work").SetIdFormat(ActivityIdFormat.W3C).Start();
        await test.Cache.RemoveAsync("k", Stop);
        var found = (await ExplainAsync(test, "k")).TakenBy!;
        Assert.Equal((activity.Id, activity.TraceId.ToHexString()), (found.Trace, found.TraceId));
        activity.Stop();
        await test.Cache.RemoveAsync("k", Stop);
        Assert.Null((await ExplainAsync(test, "k")).Recent[0].TraceId);
    }

    [Fact]
    public async Task The_explanation_names_the_first_record_that_invalidated_the_entry()
    {
        await using var test = new CacheUnderTest();
        await test.Invalidator.InvalidateTagAsync("t", "before", Stop);
        await LoadAsync(test, "k", "t");
        await test.Invalidator.InvalidateTagAsync("t", "first", Stop);
        await test.Invalidator.InvalidateTagAsync("t", "second", Stop);
        var found = await ExplainAsync(test, "k");
        Assert.Equal("first", found.TakenBy!.Reason);
        Assert.Equal(["second", "first", "before"], found.Recent.Select(record => record.Reason));
    }

    [Fact]
    public async Task The_explanation_lists_only_records_for_the_key_newest_first()
    {
        await using var test = new CacheUnderTest();
        await LoadAsync(test, "user:1", "t");
        await test.Invalidator.InvalidateEverythingAsync("everything", Stop);
        await test.Invalidator.InvalidatePatternAsync(new GlobPattern("user:*"), "glob", Stop);
        await test.Invalidator.InvalidatePatternAsync(new RegexPattern("user:\\d+"), "regex", Stop);
        await test.Invalidator.InvalidateTagAsync("t", "tag", Stop);
        await test.Invalidator.InvalidateKeyAsync("user:1", "key", Stop);
        await test.Invalidator.InvalidateAsync(["x"], ["y"], [new GlobPattern("z*")], reason: "no", cancellationToken: Stop);
        var found = await ExplainAsync(test, "user:1");
        Assert.Equal(["key", "tag", "regex", "glob", "everything"], found.Recent.Select(record => record.Reason));
        Assert.Equal(
            [TargetKind.Key, TargetKind.Tag, TargetKind.Regex, TargetKind.Glob, TargetKind.Everything], found.Recent.Select(record => record.Target.Kind));
        Assert.Equal("everything", found.Recent[^1].Target.ToString());
        Assert.Equal(["key", "tag"], (await test.Cache.ExplainAsync("user:1", records: 2, Stop)).Recent.Select(record => record.Reason));
        Assert.Empty((await test.Cache.ExplainAsync("user:1", records: 0, Stop)).Recent);
    }

    [Fact]
    public async Task The_explanation_of_a_reloaded_key_contains_the_removal_of_its_previous_value()
    {
        await using var test = new CacheUnderTest();
        await LoadAsync(test, "k", "t");
        await test.Invalidator.InvalidateTagAsync("t", "why", Stop);
        test.Sweep();
        Advance(test, 3);
        await LoadAsync(test, "k", "t");
        var found = await ExplainAsync(test, "k");
        Assert.Equal((EntryState.Live, null), (found.State, found.TakenBy));
        Assert.Equal((RemovalCause.Invalidated, "why"), (found.Removed!.Cause, found.Removed.TakenBy!.Reason));
        Assert.InRange(found.Removed.Ago, Seconds(3), Seconds(3.2));
    }

    [Fact]
    public async Task The_explanation_has_at_most_RecentRecords_records()
    {
        await using var test = new CacheUnderTest(log: o => o.RecentRecords = 3);
        await LoadAsync(test, "k", "t");
        for (var i = 0; i < 5; i++)
            await test.Invalidator.InvalidateTagAsync("t", $"{i}", Stop);
        Assert.Equal(["4", "3", "2"], (await ExplainAsync(test, "k")).Recent.Select(record => record.Reason));
        for (var i = 0; i < 3; i++)
            await test.Invalidator.InvalidateTagAsync("other", cancellationToken: Stop);
        var forgotten = await ExplainAsync(test, "k");
        Assert.Equal((EntryState.Invalidated, null), (forgotten.State, forgotten.TakenBy));
        Assert.Equal("'k' was invalidated by a record that is no longer stored.", forgotten.ToString());
    }

    [Fact]
    public async Task With_both_limits_zero_no_removal_and_no_record_is_explained()
    {
        await using var test = new CacheUnderTest(o => o.RecentRemovals = 0, log: o => o.RecentRecords = 0);
        await LoadAsync(test, "k", "t");
        await test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        var found = await ExplainAsync(test, "k");
        Assert.Equal((EntryState.Absent, null, null), (found.State, found.TakenBy, found.Removed));
        Assert.Empty(found.Recent);
    }

    [Fact]
    public async Task ExplainAsync_refuses_a_negative_number_and_an_empty_key()
    {
        await using var test = new CacheUnderTest();
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await test.Cache.ExplainAsync("k", -1, Stop));
        await Assert.ThrowsAsync<ArgumentException>(async () => await test.Cache.ExplainAsync("", cancellationToken: Stop));
    }

    private static ValueTask<KeyExplanation> ExplainAsync(CacheUnderTest test, string key) => test.Cache.ExplainAsync(key, cancellationToken: Stop);

    private static ValueTask<string> LoadAsync(CacheUnderTest test, string key, params string[] tags) =>
        test.Cache.GetOrCreateAsync(key, static _ => new ValueTask<string>("v"), tags: tags, cancellationToken: Stop);

    private static string Text(IReadOnlyList<string> names) => string.Join(' ', names.Order(StringComparer.Ordinal));

    private static void Advance(CacheUnderTest test, double seconds) => test.Clock.Advance(Seconds(seconds));

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
