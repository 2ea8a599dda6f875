using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Unstale.Rules;
using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Rules;

/// <summary>Receipts of invalidations that are partly batched.</summary>
public sealed class BatchReceiptTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_deferred_invalidation_is_pending_and_without_effect_until_its_window_ends()
    {
        await using var test = new AppliedRules();
        await test.LoadAsync("a", "b", "c");
        var receipt = test.Invalidator.InvalidateLater(["a"], ["b"], "why");
        var again = test.Invalidator.InvalidateLater(["a", "c"], reason: "why else");
        Assert.Equal(ReceiptState.Pending, receipt.State);
        Assert.Equal(0, receipt.LocalEntriesRemoved);
        const string Message = "The invalidation has no position, because its state is Pending. Check InvalidationReceipt.State, or flush the batch or end the scope that contains the invalidation.";
        Assert.Equal(Message, Assert.Throws<InvalidOperationException>(() => receipt.Position).Message);
        Assert.Equal(Message, Assert.Throws<InvalidOperationException>(() => receipt.Positions).Message);
        test.Advance(99);
        Assert.Empty(test.Gone("a", "b", "c"));
        test.Advance(1);
        Assert.Equal(["a", "b", "c"], test.Gone("a", "b", "c"));
        Assert.Equal((ReceiptState.Applied, 1L, 2), (receipt.State, receipt.Position.Sequence, receipt.LocalEntriesRemoved));
        Assert.Equal(receipt.Position, again.Position);
        Assert.Equal(["Key a b Key c"], test.Records);
        Assert.Equal("why; why else", Assert.Single(test.Reasons));
        Assert.Equal(3, await Eventually.Ends("it is swept", receipt.WaitForReclaimAsync(Stop).AsTask(), test.Test.Sweep));
    }

    [Theory]
    [InlineData(null, "The invalidation has no key, tag or pattern. To invalidate everything, call InvalidateEverythingAsync. (Parameter 'keys')")]
    [InlineData("", "keys[0]: The key is empty. Expected at least one character. The other names of the call are invalidated. (Parameter 'keys')")]
    public async Task An_invalid_name_is_refused_when_it_is_scheduled_and_not_at_the_flush(string? key, string message)
    {
        await using var test = new AppliedRules();
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => test.Invalidator.InvalidateLater(key is null ? null : [key])).Message);
        Assert.Equal(0, await test.Invalidator.FlushAsync(Stop));
    }

    [Fact]
    public async Task The_sweep_and_every_node_are_waited_for_only_after_the_flush()
    {
        await using var test = new AppliedRules();
        await test.LoadAsync("t");
        var receipt = test.Invalidator.InvalidateLater(tags: ["t"]);
        var (swept, everywhere) = (receipt.WaitForReclaimAsync(Stop).AsTask(), receipt.WaitForAllNodesAsync(Stop).AsTask());
        test.Advance(99);
        Assert.False(swept.IsCompleted || everywhere.IsCompleted);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receipt.WaitForReclaimAsync(new CancellationToken(canceled: true)).AsTask());
        test.Advance(1);
        await Eventually.Ends("every node has applied it", everywhere);
        Assert.False(swept.IsCompleted);
        test.Advance(100);
        Assert.Equal(1, await Eventually.Ends("it is swept", swept));
    }

    [Fact]
    public async Task A_flush_returns_the_number_of_removed_entries_and_a_second_flush_returns_zero()
    {
        await using var test = new AppliedRules();
        await test.LoadAsync("k", "t", "u", "v");
        test.Invalidator.InvalidateLater(["k"], ["t", "u", "nothing"]);
        Assert.Equal(3, await Eventually.Ends("the flush ends", test.Invalidator.FlushAsync(Stop).AsTask(), test.Test.Sweep));
        Assert.Equal(["k", "t", "u"], test.Gone("k", "t", "u", "v"));
        Assert.Equal(0, await test.Invalidator.FlushAsync(Stop));
        Assert.Single(test.Records);
    }

    [Fact]
    public async Task A_change_is_queued_while_the_log_is_unavailable_then_pending_then_applied()
    {
        await using var cluster = new TestCluster(0);
        var node = cluster.Add(o => o.BatchDelay = TimeSpan.FromSeconds(5), more: WithBatch);
        cluster.Add();
        node.Break("refused");
        var raised = node.Invalidator.ChangedAsync("form", 1, cancellationToken: Stop).AsTask();
        var receipt = await Eventually.Ends("the deadline passes", raised, () => cluster.Advance(.5));
        Assert.Equal(ReceiptState.Queued, receipt.State);
        Assert.Throws<InvalidOperationException>(() => receipt.Position);
        node.Heal();
        await Eventually.Holds("what is at once is applied", () => receipt.State == ReceiptState.Pending, () => cluster.Advance(.1));
        Assert.Equal(cluster.Server.Sequence, receipt.Position.Sequence);
        node.Break("refused");
        cluster.Advance(5);
        await Eventually.Holds("the batch is queued", () => receipt.State == ReceiptState.Queued, () => cluster.Advance(.1));
        Assert.Equal(cluster.Server.Sequence, receipt.Position.Sequence);
        node.Heal();
        await Eventually.Holds("all of it is applied", () => receipt.State == ReceiptState.Applied, () => cluster.Advance(.1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_flush_during_an_outage_takes_effect_locally_and_returns_or_throws_by_option(bool throws)
    {
        await using var cluster = new TestCluster(0);
        var node = cluster.Add(withRemote: false, ofLog: o => o.WhenUnavailable = throws ? LogUnavailableBehavior.Throw : LogUnavailableBehavior.Queue);
        await node.ReadAsync("k", new Source(), tags: "t");
        node.Break("refused");
        node.Invalidator.InvalidateLater(["k"], ["t"]);
        var flush = node.Invalidator.FlushAsync(Stop).AsTask();
        Assert.False(node.Holds("k"));
        if (throws)
        {
            var away = await Assert.ThrowsAsync<InvalidationLogUnavailableException>(() => Eventually.Ends("the deadline passes", flush, () => cluster.Advance(.5)));
            Assert.Equal(ReceiptState.Queued, away.Receipt.State);
        }
        else
        {
            Assert.Equal(1, await Eventually.Ends("the deadline passes", flush, () => cluster.Advance(.5)));
        }

        node.Heal();
        await Eventually.Holds("the log has it", () => cluster.Server.Sequence == 1, () => cluster.Advance(.1));
    }

    [Fact]
    public async Task A_disposed_cache_appends_its_pending_invalidations_and_later_ones_at_once()
    {
        await using var services = new ServiceCollection().AddSingleton<TimeProvider>(new FakeTimeProvider())
            .AddUnstale("a").Services.AddUnstale("b").Services.BuildServiceProvider();
        var (a, b) = (services.GetRequiredKeyedService<UnstaleCache>("a"), services.GetRequiredKeyedService<UnstaleCache>("b"));
        await b.SetAsync("k", 1, tags: ["t"], cancellationToken: Stop);
        await b.SetAsync("l", 1, cancellationToken: Stop);
        var receipt = a.Invalidator.InvalidateLater(tags: ["t"]);
        Assert.True(b.TryGet("k", out int _));
        await a.DisposeAsync();
        Assert.False(b.TryGet("k", out int _));
        Assert.Equal(ReceiptState.Applied, receipt.State);
        Assert.Equal(ReceiptState.Applied, a.Invalidator.InvalidateLater(["l"]).State);
        Assert.False(b.TryGet("l", out int _));
    }

    [Fact]
    public async Task Invalidations_pending_at_the_disposal_of_the_services_reach_other_nodes()
    {
        await using var cluster = new TestCluster(0);
        var (one, other) = (cluster.Add(), cluster.Add());
        await other.ReadAsync("k", new Source());
        one.Invalidator.InvalidateLater(["k"]);
        await Eventually.Ends("the node ends", one.DisposeAsync().AsTask(), () => cluster.Advance(.5));
        await Eventually.Holds("the other has heard it", () => !other.Holds("k"));
    }

    [Fact]
    public async Task The_length_of_the_window_can_be_changed_at_run_time()
    {
        await using var test = new AppliedRules(configure: o => o.BatchDelay = TimeSpan.FromMilliseconds(30));
        test.Invalidator.InvalidateLater(["a"]);
        test.Advance(30);
        Assert.Single(test.Records);
        test.Cache.Rules.BatchDelay = TimeSpan.FromSeconds(60);
        Assert.Equal(TimeSpan.FromSeconds(5), test.Cache.GetStatistics().Rules.BatchDelay);
        test.Invalidator.InvalidateLater(["b"]);
        test.Advance(4_999);
        Assert.Single(test.Records);
        test.Advance(1);
        Assert.Equal(2, test.Records.Length);
    }

    [Fact]
    public async Task A_batch_over_the_limits_of_the_log_is_several_records()
    {
        await using var test = new AppliedRules();
        var receipt = test.Invalidator.InvalidateLater(Enumerable.Range(0, 1_200).Select(i => $"k{i}"));
        test.Advance(100);
        Assert.Equal(3, test.Records.Length);
        Assert.Equal(3, receipt.Position.Sequence);
    }

    private static void WithBatch(IServiceCollection services) =>
        services.AddUnstale("shop").AddRules(static rules => rules.When("form").Invalidate("form_state").Strategy(InvalidationStrategy.Batched));
}
