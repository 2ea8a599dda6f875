using Unstale.Tests.Cluster;
using Unstale.Tests.Partitions;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.WriteThrough;

/// <summary>Values that were read before they are stored, as of the positions of that time.</summary>
public sealed class SetAsOfTests
{
    private static readonly string[] Tags = ["t"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_value_is_stored_with_its_tags_and_options_and_appends_no_record()
    {
        await using var test = new CacheUnderTest();
        var asOf = test.Cache.GetLogState().Positions;
        Assert.True(await test.Cache.SetAsync("k", "v", asOf, new UnstaleEntryOptions { Expiration = TimeSpan.FromSeconds(9) }, Tags, Stop));
        Assert.True(test.Cache.TryGet("k", out string value));
        Assert.Equal(("v", asOf), (value, test.Cache.GetLogState().Positions));
        await test.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        Assert.False(test.Cache.TryGet("k", out string _));
        Assert.True(await test.Cache.SetAsync("k", "v", test.Cache.GetLogState().Positions, new UnstaleEntryOptions { Expiration = TimeSpan.FromSeconds(9) }, Tags, Stop));
        test.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.False(test.Cache.TryGet("k", out string _));
    }

    [Theory]
    [InlineData("key")]
    [InlineData("tag")]
    [InlineData("pattern")]
    [InlineData("everything")]
    public async Task A_value_invalidated_since_it_was_read_is_not_stored(string by)
    {
        await using var test = new CacheUnderTest();
        var asOf = test.Cache.GetLogState().Positions;
        await test.InvalidateAsync(by);
        Assert.False(await test.Cache.SetAsync("k", "old", asOf, tags: Tags, cancellationToken: Stop));
        Assert.False(test.Cache.TryGet("k", out string _));

        // Another key, and a read after the invalidation.
        Assert.Equal(by != "everything", await test.Cache.SetAsync("other", "v", asOf, cancellationToken: Stop));
        Assert.True(await test.Cache.SetAsync("k", "new", test.Cache.GetLogState().Positions, tags: Tags, cancellationToken: Stop));
    }

    [Fact]
    public async Task A_value_that_a_rule_invalidated_in_between_is_not_stored_and_a_newer_one_stays()
    {
        await using var test = new CacheUnderTest();
        var asOf = test.Cache.GetLogState().Positions;
        await test.Cache.SetAsync("k", "newer", cancellationToken: Stop);
        Assert.False(await test.Cache.SetAsync("k", "older", asOf, cancellationToken: Stop));
        Assert.True(test.Cache.TryGet("k", out string value));
        Assert.Equal("newer", value);
    }

    [Fact]
    public async Task Positions_of_another_history_or_of_the_future_or_none_store_nothing()
    {
        await using var test = new CacheUnderTest();
        var now = test.Cache.GetLogState().Position;
        LogPositions[] unknown =
        [
            LogPositions.Empty, LogPositions.Of(now with { Generation = Generation.Create() }), LogPositions.Of(now with { Sequence = now.Sequence + 1 }), LogPositions.Of(now with { Partition = 1 }),
        ];
        foreach (var asOf in unknown)
            Assert.False(await test.Cache.SetAsync("k", "v", asOf, cancellationToken: Stop));
        Assert.False(test.Cache.TryGet("k", out string _));
        await Assert.ThrowsAsync<ArgumentNullException>("asOf", () => test.Cache.SetAsync("k", "v", default(LogPositions)!, cancellationToken: Stop).AsTask());
    }

    [Fact]
    public async Task A_key_whose_invalidation_waits_for_a_commit_is_not_stored()
    {
        await using var test = new CacheUnderTest();
        var asOf = test.Cache.GetLogState().Positions;
        using (test.Invalidator.BeginScope())
        {
            await test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
            Assert.False(await test.Cache.SetAsync("k", "uncommitted", asOf, cancellationToken: Stop));
            Assert.True(await test.Cache.SetAsync("other", "v", asOf, cancellationToken: Stop));
        }

        using (test.Cache.BypassScope())
            Assert.False(await test.Cache.SetAsync("k", "v", asOf, cancellationToken: Stop));
        Assert.True(await test.Cache.SetAsync("k", "v", asOf, cancellationToken: Stop));
    }

    [Fact]
    public async Task Values_and_keys_that_cannot_be_stored_return_false_and_a_cancelled_call_throws()
    {
        await using var test = new CacheUnderTest(static o => o.MaximumPayloadBytes = 100);
        var asOf = test.Cache.GetLogState().Positions;
        Assert.False(await test.Cache.SetAsync("k", new string('x', 200), asOf, cancellationToken: Stop));
        Assert.False(await test.Cache.SetAsync("", "v", asOf, cancellationToken: Stop));
        Assert.False(await test.Cache.SetAsync("k", "v", asOf, new UnstaleEntryOptions { LocalExpiration = TimeSpan.Zero }, cancellationToken: Stop));
        Assert.False(await test.Cache.SetAsync("k", "v", asOf, tags: [new string('x', 2_000)], cancellationToken: Stop));
        await Assert.ThrowsAsync<ArgumentException>("tag", () => test.Cache.SetAsync("k", "v", asOf, tags: [""], cancellationToken: Stop).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => test.Cache.SetAsync("k", "v", asOf, cancellationToken: new CancellationToken(canceled: true)).AsTask());
        Assert.Equal(0, test.Cache.GetStatistics().Entries);
        await test.Cache.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => test.Cache.SetAsync("k", "v", asOf, cancellationToken: Stop).AsTask());
    }

    [Fact]
    public async Task A_namespace_stores_the_value_under_its_own_key_and_tag()
    {
        await using var test = new CacheUnderTest();
        var tenant = test.Cache.Namespace("tenant");
        Assert.True(await tenant.SetAsync("k", "v", test.Cache.GetLogState().Positions, cancellationToken: Stop));
        Assert.False(test.Cache.TryGet("k", out string _));
        Assert.True(tenant.TryGet("k", out string _));
        await tenant.InvalidateAsync(cancellationToken: Stop);
        Assert.False(tenant.TryGet("k", out string _));
    }

    [Fact]
    public async Task Each_partition_compares_its_own_position()
    {
        await using var cluster = new PartitionedCluster(2);
        var (here, there) = (cluster.KeysOf(0)[0], cluster.KeysOf(1)[0]);
        var asOf = cluster.A.Cache.GetLogState().Positions;
        await cluster.A.Invalidator.InvalidateKeyAsync(here, cancellationToken: Stop);
        Assert.False(await cluster.A.Cache.SetAsync(here, "old", asOf, cancellationToken: Stop));
        Assert.True(await cluster.A.Cache.SetAsync(there, "v", asOf, cancellationToken: Stop));
    }

    [Fact]
    public async Task A_record_that_has_yet_to_arrive_removes_the_value()
    {
        await using var cluster = new TestCluster();
        var asOf = cluster.A.Cache.GetLogState().Positions;
        cluster.A.Session.HoldsPushes = true;
        var raised = (await cluster.B.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop)).Position;
        Assert.True(await cluster.A.Cache.SetAsync("k", "old", asOf, tags: Tags, cancellationToken: Stop));
        Assert.True(cluster.A.Holds("k"), "the record has yet to arrive");
        cluster.A.Session.HoldsPushes = false;
        await Eventually.Holds("the record arrives", () => cluster.A.Position == raised, () => cluster.Advance(.1));
        Assert.False(cluster.A.Holds("k"));
        Assert.False(await cluster.A.Cache.SetAsync("k", "old", asOf, tags: Tags, cancellationToken: Stop));
    }

    [Fact]
    public async Task A_node_that_is_not_trusted_stores_nothing()
    {
        await using var cluster = new TestCluster();
        var asOf = cluster.A.Cache.GetLogState().Positions;
        cluster.A.Break("refused");
        cluster.Advance(60);
        Assert.False(cluster.A.IsTrusted);
        Assert.False(await cluster.A.Cache.SetAsync("k", "v", asOf, cancellationToken: Stop));
    }
}
