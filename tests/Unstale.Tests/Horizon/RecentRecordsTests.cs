using Unstale.Horizon;
using Unstale.Log;
using Xunit;

namespace Unstale.Tests.Horizon;

/// <summary>Each record is stored once, on whichever path it arrives.</summary>
public sealed class RecentRecordsTests
{
    private readonly HorizonUnderTest _test = new(new HorizonSettings { RecentRecords = 4 });

    [Fact]
    public void A_record_received_twice_is_remembered_once()
    {
        var record = _test.LogTag("a");
        _test.Push(record);
        _test.Push(record);
        Assert.Equal([1], Sequences());
    }

    [Fact]
    public void An_own_record_acknowledged_ahead_is_remembered_once_when_the_cursor_passes_the_record()
    {
        var first = _test.LogTag("a");
        var ahead = _test.LogTag("own");
        var operation = new Operation(ahead.Record, _test.Now);
        _test.Horizon.Raise(operation);
        Assert.Equal(ahead.Record, Assert.Single(_test.Horizon.History().Pending));
        _test.Horizon.Acknowledged(operation, new AppendReply(_test.Generation, ahead.Sequence, ahead.PreviousId), _test.Horizon.Snapshot(_test.Now), _test.Now);
        Assert.Empty(_test.Horizon.History().Pending);
        Assert.Equal([2], Sequences());
        _test.Push(first);
        _test.Push(ahead);
        Assert.Equal([2, 1], Sequences());
    }

    [Fact]
    public void An_own_record_pushed_before_its_reply_is_remembered_once()
    {
        var own = _test.LogTag("own");
        var operation = new Operation(own.Record, _test.Now);
        _test.Horizon.Raise(operation);
        var snapshot = _test.Horizon.Snapshot(_test.Now);
        _test.Push(own);
        _test.Horizon.Acknowledged(operation, new AppendReply(_test.Generation, own.Sequence, own.PreviousId), snapshot, _test.Now);
        Assert.Equal([1], Sequences());
    }

    [Fact]
    public void The_oldest_recent_records_are_dropped_first()
    {
        for (var i = 0; i < 6; i++)
            _test.PushTag("a");
        Assert.Equal([3, 4, 5, 6], Sequences());
    }

    [Fact]
    public void By_default_no_recent_records_are_stored()
    {
        var test = new HorizonUnderTest();
        test.PushTag("a");
        Assert.Empty(test.Horizon.History().Records);
    }

    private IEnumerable<long> Sequences() => _test.Horizon.History().Records.Select(noted => noted.Sequence);
}
