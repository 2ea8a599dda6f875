using Unstale.Horizon;
using Unstale.Log;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Node;

/// <summary>Waits until all nodes have applied an invalidation.</summary>
public sealed class ConvergenceWaiterTests : IAsyncDisposable
{
    private readonly NodeParts _parts = new NodeParts().Follow();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _parts.DisposeAsync();

    [Fact]
    public async Task A_local_log_has_no_other_node_to_wait_for()
    {
        _parts.Convergence.Start(_parts.Session, isLocal: true);
        await _parts.Convergence.WaitForAllNodesAsync([Applied()], Stop);
    }

    [Fact]
    public async Task The_wait_ends_when_the_last_node_has_applied_the_record()
    {
        _parts.Clock.Advance(TimeSpan.FromMinutes(1)); // an unlisted node of an earlier generation no longer serves
        _parts.Convergence.Start(_parts.Session, isLocal: false);
        _parts.Session.Members = Members(cursor: 0);
        var wait = _parts.Convergence.WaitForAllNodesAsync([Applied()], Stop).AsTask();
        _parts.Clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.False(wait.IsCompleted);
        _parts.Session.Members = Members(cursor: 1);
        await Eventually.Holds("the wait ends", () => wait.IsCompleted, () => _parts.Clock.Advance(TimeSpan.FromMilliseconds(50)));
        await wait;
    }

    [Fact]
    public async Task The_end_of_the_node_ends_the_wait_with_an_exception()
    {
        _parts.Convergence.Start(_parts.Session, isLocal: false);
        var wait = _parts.Convergence.WaitForAllNodesAsync([new PendingAppend(_parts.Record("k"), 0)], Stop).AsTask();
        Assert.False(wait.IsCompleted);
        await _parts.Convergence.CloseAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => wait);
    }

    [Fact]
    public void The_position_of_an_event_is_its_last_position_in_the_present_generation()
    {
        var earlier = new Operation(_parts.Record("a"), 0);
        earlier.Apply(new LogPosition(0, Generation.Create(), 9));
        Operation[] here = [.. new long[] { 2, 3, 1 }.Select(sequence => Applied(sequence))];
        Assert.Equal(_parts.At(3), _parts.Convergence.PositionOf([earlier, .. here]));
        Assert.Equal(_parts.At(3), _parts.Convergence.PositionOf([.. here, earlier]));
    }

    private Operation Applied(long sequence = 1)
    {
        var operation = new Operation(_parts.Record("k"), 0);
        operation.Apply(_parts.At(sequence));
        return operation;
    }

    private LogMembers Members(long cursor) =>
        new(_parts.Generation, [new LogMember("b", _parts.Generation, cursor, TimeSpan.FromSeconds(30))]);
}
