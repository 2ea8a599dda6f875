using Unstale.Tests.Cluster;
using Unstale.Tests.Remote;
using Unstale.Tests.Support;
using Unstale.Tests.Telemetry;
using Xunit;

namespace Unstale.Tests.Node;

/// <summary>State of a log in the API and the instruments.</summary>
public sealed class LogStateTests : IAsyncDisposable
{
    private readonly string _log = Guid.NewGuid().ToString();
    private readonly TestCluster _cluster = new(0);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public void The_log_state_before_the_first_answer_is_untrusted_and_disconnected()
    {
        _cluster.Server.Faults.Refuses = _ => true;
        Begin();
        AssertIs(new LogState(_log, IsTrusted: false, IsConnected: false, default, null, 0, 0));
    }

    [Fact]
    public async Task The_log_state_of_an_answering_log_is_trusted_and_connected()
    {
        var node = Begin();
        await node.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        AssertIs(new LogState(_log, true, true, new LogPosition(0, _cluster.Server.Generation, 1), TimeSpan.Zero, 0, 0));
        _cluster.Advance(.5);
        AssertIs(new LogState(_log, true, true, new LogPosition(0, _cluster.Server.Generation, 1), TimeSpan.FromSeconds(.5), 0, 0));
    }

    [Fact]
    public void The_log_state_counts_a_pending_invalidation()
    {
        var node = Begin();
        node.Faults.Ignores = s => s == ServerScript.Append;
        _ = node.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop).AsTask();
        AssertIs(new LogState(_log, true, true, new LogPosition(0, _cluster.Server.Generation, 0), TimeSpan.Zero, 1, 0));
    }

    [Theory]
    [InlineData(4.9, true)]
    [InlineData(5, false)]
    [InlineData(60, false)]
    public void The_log_state_without_a_connection_is_disconnected_and_counts_the_queue(double seconds, bool isTrusted)
    {
        var node = Begin();
        node.Session.Cut();
        _ = node.Invalidator.InvalidateKeyAsync("k1", cancellationToken: Stop).AsTask();
        _ = node.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop).AsTask();
        _cluster.Advance(seconds);
        AssertIs(new LogState(_log, isTrusted, false, new LogPosition(0, _cluster.Server.Generation, 0), TimeSpan.FromSeconds(seconds), 2, 0));
        node.Session.Reconnect();
        AssertIs(new LogState(_log, true, true, new LogPosition(0, _cluster.Server.Generation, 2), TimeSpan.Zero, 0, 0));
    }

    [Fact]
    public async Task The_log_state_after_a_broken_history_counts_the_new_generation()
    {
        Begin();
        var before = _cluster.Server.Generation;
        _cluster.Server.RestartWithoutData();
        await Eventually.Holds("the node is trusted again", () => _cluster.A.IsTrusted);
        Assert.NotEqual(before, _cluster.Server.Generation);
        AssertIs(new LogState(_log, true, true, new LogPosition(0, _cluster.Server.Generation, 0), TimeSpan.Zero, 0, 1));
    }

    [Fact]
    public async Task A_node_is_not_confirmed_while_a_record_of_a_lost_history_is_missing_in_the_new_one()
    {
        var node = Begin();
        await node.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        node.Faults.Refuses = s => s == ServerScript.Append;
        _cluster.Server.FailOver(loses: 1);
        await Eventually.Holds("the node stands in the new generation", () => node.Position.Generation == _cluster.Server.Generation);
        _cluster.Advance(3);
        AssertIs(new LogState(_log, false, true, node.Position, TimeSpan.FromSeconds(3), 1, 1));
        node.Faults.Clear();
        _cluster.Advance(1);
        Assert.Equal((true, 0), (node.IsTrusted, node.Cache.GetLogState().Queued));
    }

    [Fact]
    public async Task A_log_in_process_is_always_trusted()
    {
        await using var test = new CacheUnderTest(o => o.Log = _log);
        await test.Cache.RemoveAsync("k", Stop);
        test.Clock.Advance(TimeSpan.FromHours(1));
        var state = test.Cache.GetLogState();
        Assert.Equal(new LogState(_log, true, true, state.Position, TimeSpan.Zero, 0, 0), state);
        Assert.Equal(1, state.Position.Sequence);
        Assert.Equal((1, 0, 0, 0), Gauges());
    }

    private ClusterNode Begin() => _cluster.Add(log: _log);

    private void AssertIs(LogState expected)
    {
        Assert.Equal(expected, _cluster.A.Cache.GetLogState());
        Assert.Equal((expected.IsTrusted ? 1 : 0, expected.Queued, expected.SinceConfirmed?.TotalSeconds, expected.Generations), Gauges());
    }

    private (double Trusted, double Queued, double? Unconfirmed, double Generations) Gauges()
    {
        using var listener = new Measurements("unstale.log.name", _log);
        var read = listener.Read();
        return (read["unstale.log.trusted"], read["unstale.log.queued"], read.TryGetValue("unstale.log.unconfirmed", out var since) ? since : null,
            read["unstale.log.generations"]);
    }
}
