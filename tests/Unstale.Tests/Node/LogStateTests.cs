using Unstale.Tests.Cluster;
using Unstale.Tests.Remote;
using Unstale.Tests.Support;
using Unstale.Tests.Telemetry;
using Xunit;

namespace Unstale.Tests.Node;

/// <summary>What can be seen of a log from outside: state, gauges, log lines.</summary>
public sealed class LogStateTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_log_in_process_is_trusted_and_confirmed_always()
    {
        await using var test = new CacheUnderTest();
        await test.Cache.RemoveAsync("k", Stop);
        test.Clock.Advance(TimeSpan.FromDays(1));
        var state = test.Cache.GetLogState();
        Assert.Equal(new LogState("default", true, true, state.Position, TimeSpan.Zero, 0, 0), state);
        Assert.Equal(1, state.Position.Sequence);
    }

    [Fact]
    public async Task A_log_that_never_answered_is_neither_connected_nor_confirmed()
    {
        var cluster = new TestCluster(0);
        await using var _ = cluster;
        cluster.Server.Faults.Refuses = _ => true;
        var state = cluster.Add().Cache.GetLogState();
        Assert.Equal(new LogState("shared", false, false, new LogPosition(0, Generation.None, 0), null, 0, 0), state);
    }

    [Fact]
    public async Task Through_an_outage_and_a_break_the_state_follows()
    {
        await using var cluster = new TestCluster(1);
        var node = cluster.A;
        await node.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        cluster.Advance(1);
        Assert.Equal(new LogState("shared", true, true, node.Position, TimeSpan.Zero, 0, 0), node.Cache.GetLogState());
        node.Session.Cut();
        _ = node.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop).AsTask();
        cluster.Advance(7.5);
        Assert.Equal(new LogState("shared", false, false, node.Position, TimeSpan.FromSeconds(7.5), 1, 0), node.Cache.GetLogState());
        cluster.Server.RestartWithoutData();
        await Eventually.Holds("the node is trusted again", () => node.Cache.GetLogState() is { IsTrusted: true, Queued: 0 }, () => cluster.Advance(.1));
        var state = node.Cache.GetLogState();
        Assert.Equal((cluster.Server.Generation, 1, true), (state.Position.Generation, state.Generations, state.IsConnected));
        Assert.InRange(state.SinceConfirmed!.Value.TotalSeconds, 0, 1.1);
    }

    [Fact]
    public async Task That_the_bound_is_passed_and_that_trust_is_back_is_said_once_each()
    {
        await using var cluster = new TestCluster(1);
        cluster.A.Faults.Refuses = _ => true;
        cluster.Advance(4.9);
        Assert.Equal(0, cluster.A.Log.Times("is not trusted until the log answers"));
        cluster.Advance(5.1);
        Assert.Equal(1, cluster.A.Log.Times("Log shared: this node is not confirmed for 5.0 s; StalenessBound is 00:00:05."));
        Assert.Equal(1, cluster.A.Log.Times("is not trusted until the log answers"));
        Assert.Equal(0, cluster.A.Log.Times("trusted again"));
        cluster.A.Faults.Clear();
        cluster.Advance(5);
        Assert.Equal(1, cluster.A.Log.Times("trusted again"));
        Assert.Equal(1, cluster.A.Log.Times("is not trusted until the log answers"));
    }

    [Fact]
    public async Task A_short_bound_is_confirmed_often_enough_to_be_trusted()
    {
        await using var cluster = new TestCluster(1, o => o.StalenessBound = TimeSpan.FromMilliseconds(100));
        for (var i = 0; i < 100; i++)
        {
            cluster.Advance(.01);
            Assert.True(cluster.A.IsTrusted);
        }
    }

    [Fact]
    public async Task The_meter_says_the_same()
    {
        await using var cluster = new TestCluster(1);
        var log = Guid.NewGuid().ToString();
        await using var node = new ClusterNode(cluster.Server, cluster.Clock, configure: null, withRemote: false, log);
        using var listener = new Measurements("unstale.log.name", log);
        Assert.Equal((1, 0, 0, 0), Read(listener));
        node.Session.Cut();
        var raised = node.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop).AsTask();
        cluster.Advance(6);
        await Eventually.Ends("the invalidation is queued", raised);
        Assert.Equal((0, 1, 6, 0), Read(listener));
        cluster.Server.RestartWithoutData();
        await Eventually.Holds("the node is trusted again", () => Read(listener) is (1, 0, < 2, 1), () => cluster.Advance(.1));
    }

    private static (double Trusted, double Queued, double Unconfirmed, double Generations) Read(Measurements listener)
    {
        var read = listener.Read();
        return (read["unstale.log.trusted"], read["unstale.log.queued"], read["unstale.log.unconfirmed"], read["unstale.log.generations"]);
    }
}
