using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Transactions;

/// <summary>Repeated invalidations, for loads that read a replica.</summary>
public sealed class ReplicationLagTests
{
    private static readonly TimeSpan Lag = TimeSpan.FromSeconds(2);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_value_loaded_from_a_lagging_replica_is_invalidated_by_the_repeat()
    {
        await using var test = new ScopeUnderTest(o => o.ReplicationLag = Lag);
        test.Source["k"] = "old";
        await test.ReadAsync("k");
        var receipt = await test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        Assert.Equal("old", await test.ReadAsync("k"));
        test.Source["k"] = "new";
        test.Test.Clock.Advance(Lag - TimeSpan.FromMilliseconds(1));
        Assert.Equal("old", await test.ReadAsync("k"));
        test.Test.Clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal("new", await test.ReadAsync("k"));
        Assert.Equal((1L, 2L), (receipt.Position.Sequence, test.Records));
        test.Test.Clock.Advance(2 * Lag);
        Assert.Equal(2, test.Records);
    }

    [Fact]
    public async Task Every_invalidating_call_except_SetAsync_is_repeated_after_the_replication_lag()
    {
        await using var test = new ScopeUnderTest(o => o.ReplicationLag = Lag);
        await test.Cache.SetAsync("k", "set", cancellationToken: Stop);
        test.Test.Clock.Advance(2 * Lag);
        Assert.Equal(1, test.Records);
        Func<Task>[] calls =
        [
            () => test.Cache.RemoveAsync("k", Stop).AsTask(),
            () => test.Cache.RemoveByTagAsync(["t", "u"], Stop).AsTask(),
            () => test.Invalidator.InvalidatePatternAsync(new GlobPattern("k*"), cancellationToken: Stop).AsTask(),
            () => test.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop).AsTask(),
            () => test.Invalidator.ChangedAsync("product", 7, cancellationToken: Stop).AsTask(),
            () => test.Invalidator.InvalidateWithDependentsAsync("k", cancellationToken: Stop).AsTask(),
            () =>
            {
                test.Invalidator.InvalidateLater(["k"]);
                test.Test.Sweep();
                return Task.CompletedTask;
            },
        ];
        foreach (var call in calls)
        {
            var before = test.Records;
            await call();
            Assert.Equal(before + 1, test.Records);
            test.Test.Clock.Advance(2 * Lag);
            Assert.Equal(before + 2, test.Records);
        }
    }

    [Fact]
    public async Task A_scope_sets_the_replication_lag_of_its_invalidations_and_the_longest_lag_applies()
    {
        await using var test = new ScopeUnderTest();
        using (var scope = test.Invalidator.BeginScope())
        {
            await test.Cache.RemoveAsync("before", Stop);
            scope.ReplicationLag = Lag;
            using (var inner = test.Invalidator.BeginScope())
            {
                Assert.Equal(Lag, inner.ReplicationLag);
                await test.Cache.RemoveAsync("k", Stop);
                await inner.CompleteAsync(Stop);
            }

            await scope.CompleteAsync(Stop);
        }

        foreach (var key in (string[])["k", "before"])
            await test.ReadAsync(key);
        test.Test.Clock.Advance(2 * Lag);
        Assert.Equal((false, true, 2L), (test.Cache.TryGet("k", out string _), test.Cache.TryGet("before", out string _), test.Records));
    }

    [Fact]
    public async Task A_transaction_that_was_rolled_back_is_not_repeated()
    {
        await using var test = new ScopeUnderTest(o => o.ReplicationLag = Lag);
        await using (new InvalidatingTransaction(new FakeDbTransaction(), test.Invalidator) { ReplicationLag = Lag })
            await test.Cache.RemoveAsync("k", Stop);
        test.Test.Clock.Advance(2 * Lag);
        Assert.Equal(0, test.Records);
    }

    [Fact]
    public async Task Repeats_at_about_the_same_time_are_one_record_with_their_reasons()
    {
        await using var cluster = new TestCluster(1, o => o.ReplicationLag = Lag);
        for (var i = 0; i < 10; i++)
        {
            await cluster.A.Invalidator.InvalidateKeyAsync($"k{i}", "price", Stop);
            cluster.Advance(.005);
        }

        cluster.Advance(3);
        await Eventually.Holds("the repeat has arrived", () => cluster.Server.Records.Count == 11);
        var repeated = cluster.Server.Records[^1].Record;
        Assert.Equal((10, "repeated: price"), (repeated.Targets.Length, repeated.Reason));
    }

    [Fact]
    public async Task Six_hundred_repeats_are_appended_without_a_loss_and_none_too_early()
    {
        await using var cluster = new TestCluster(1, o => o.ReplicationLag = TimeSpan.FromMinutes(10));
        for (var i = 0; i < 600; i++)
        {
            using (var scope = cluster.A.Invalidator.BeginScope())
            {
                scope.ReplicationLag = TimeSpan.FromMinutes(10 + (i % 40));
                await cluster.A.Cache.RemoveAsync($"k{i}", Stop);
                await scope.CompleteAsync(Stop);
            }

            cluster.Advance(1);
        }

        Assert.Equal(600, cluster.Server.Records.Count);
        for (var i = 0; i < 60 * 60 && cluster.Server.Records.Skip(600).Sum(one => one.Record.Targets.Length) < 600; i++)
            cluster.Advance(1);
        Assert.Equal(600, cluster.Server.Records.Skip(600).SelectMany(one => one.Record.Targets.ToArray()).Distinct().Count());
    }

    [Fact]
    public async Task The_disposal_of_a_cache_appends_its_waiting_repeats()
    {
        var cluster = new TestCluster(1, o => o.ReplicationLag = Lag);
        await cluster.A.Cache.RemoveAsync("k", Stop);
        Assert.Single(cluster.Server.Records);
        await cluster.DisposeAsync();
        Assert.Equal(2, cluster.Server.Records.Count);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3601)]
    public async Task A_lag_out_of_range_is_refused(int seconds)
    {
        await using var test = new ScopeUnderTest();
        using var scope = test.Invalidator.BeginScope();
        var message = Assert.Throws<ArgumentOutOfRangeException>(() => scope.ReplicationLag = TimeSpan.FromSeconds(seconds)).Message;
        Assert.Equal($"ReplicationLag is {TimeSpan.FromSeconds(seconds)}; it must be from 00:00:00 to 01:00:00. (Parameter 'ReplicationLag')", message);
    }
}
