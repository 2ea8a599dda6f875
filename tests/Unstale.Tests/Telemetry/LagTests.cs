using Unstale.Tests.Cluster;
using Unstale.Tests.Remote;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Telemetry;

/// <summary>Times from the call of an invalidation to its effects, on a manual clock.</summary>
public sealed class LagTests
{
    private const string Own = "unstale.invalidation.lag/own";
    private const string Other = "unstale.invalidation.lag/other";
    private const string Convergence = "unstale.invalidation.convergence";

    private readonly string _log = Guid.NewGuid().ToString();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_invalidation_is_measured_until_the_log_has_its_record()
    {
        using var listener = new Measurements("unstale.log.name", _log);
        await using var cluster = new TestCluster(nodes: 0);
        var node = await AddAsync(cluster);
        var hold = node.Faults.HoldNext(ServerScript.Append);
        var raised = node.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop).AsTask();
        await Eventually.Ends("the append is held", hold.Reached);
        cluster.Advance(0.25);
        Assert.False(listener.Recorded().ContainsKey(Own));

        hold.Release();
        await raised;

        await Eventually.Holds("the lag is measured", () => listener.Recorded().ContainsKey(Own));
        Assert.Equal(0.25, listener.Recorded()[Own], 3);
    }

    [Fact]
    public async Task A_record_of_another_node_is_measured_when_this_node_applies_it()
    {
        using var listener = new Measurements("unstale.log.name", _log);
        await using var cluster = new TestCluster(nodes: 0);
        var (a, b) = (await AddAsync(cluster), await AddAsync(cluster));
        b.Faults.DropsPushes = true;
        var receipt = await a.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        Assert.False(listener.Recorded().ContainsKey(Other));
        var hold = b.Faults.HoldNext(ServerScript.Tail);
        b.Node.Missed(0);
        await Eventually.Ends("the tail is held", hold.Reached);
        cluster.Advance(0.5);

        hold.Release();

        await Eventually.Holds("the record has arrived", () => b.Position == receipt.Position && listener.Recorded().ContainsKey(Other));
        Assert.Equal(0.5, listener.Recorded()[Other], 3);
    }

    [Fact]
    public async Task A_pushed_record_of_another_node_is_measured_once_and_an_own_record_is_not()
    {
        var others = 0;
        using var listener = new Measurements("unstale.log.name", _log, label => others += label == Other ? 1 : 0);
        await using var cluster = new TestCluster(nodes: 0);
        var (a, b) = (await AddAsync(cluster), await AddAsync(cluster));

        var receipt = await a.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);

        await Eventually.Holds("both nodes have the record", () => a.Position == receipt.Position && b.Position == receipt.Position && Volatile.Read(ref others) > 0);
        cluster.Advance(3); // heartbeats read the log again
        Assert.Equal(1, Volatile.Read(ref others));
    }

    [Fact]
    public async Task Convergence_is_measured_by_the_first_wait_for_all_nodes()
    {
        var waits = 0;
        using var listener = new Measurements("unstale.log.name", _log, label => waits += label == Convergence ? 1 : 0);
        await using var cluster = new TestCluster(nodes: 0);
        var (a, b) = (await AddAsync(cluster), await AddAsync(cluster));
        cluster.Advance(6);
        b.Faults.DropsPushes = true;
        var hold = b.Faults.HoldNext(ServerScript.Tail);
        var receipt = await a.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        var everywhere = receipt.WaitForAllNodesAsync(Stop).AsTask();
        cluster.Advance(0.125);
        Assert.False(listener.Recorded().ContainsKey(Convergence));

        hold.Release();
        await Eventually.Ends("all nodes have the record", everywhere, () => cluster.Advance(0.005));
        await receipt.WaitForAllNodesAsync(Stop);

        Assert.InRange(listener.Recorded()[Convergence], 0.125, 4);
        Assert.Equal(1, Volatile.Read(ref waits));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Lag_and_convergence_of_an_in_process_log_are_measured_too(int targets)
    {
        using var listener = new Measurements("unstale.log.name", _log);
        await using var test = new CacheUnderTest(options => options.Log = _log);
        var receipt = targets == 1
            ? await test.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop)
            : await test.Invalidator.InvalidateAsync(tags: ["t", "u"], cancellationToken: Stop);
        Assert.Equal(0, listener.Recorded()[Own]);
        test.Clock.Advance(TimeSpan.FromSeconds(2));

        await receipt.WaitForAllNodesAsync(Stop);

        Assert.Equal(2, listener.Recorded()[Convergence], 2);
    }

    private async Task<ClusterNode> AddAsync(TestCluster cluster)
    {
        var node = cluster.Add(log: _log);
        await Eventually.Holds("the node is trusted", () => node.IsTrusted);
        return node;
    }
}
