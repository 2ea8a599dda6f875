using Unstale.Horizon;
using Unstale.Log;
using Xunit;

namespace Unstale.Tests.Horizon;

public sealed class RecordListenerTests
{
    private readonly HorizonUnderTest _test = new();
    private readonly List<string> _calls = [];

    [Fact]
    public void A_listener_is_called_once_for_each_passed_record_and_for_each_skipped_part()
    {
        Listen();
        var pushed = _test.PushTag("t");
        _test.Push(pushed);
        var first = _test.LogTag("u");
        var ahead = _test.Raise(InvalidationTarget.ForTag("own"));
        Assert.True(_test.Acknowledge(ahead, _test.Log(ahead.Record)));
        _test.Push(first);
        _test.LogTag("missed");
        _test.Tail();
        Assert.Equal(["skipped 0", "passed 1", "passed 2", "passed 3", "skipped 4"], _calls);
        _test.StartNewGeneration();
        _test.Adopt();
        Assert.Equal("skipped 0", _calls[^1]);
    }

    [Fact]
    public void A_new_listener_of_a_local_log_or_a_log_without_a_generation_receives_no_skip()
    {
        new HorizonUnderTest(adopted: false).Horizon.Add(new Listener(_calls));
        new HorizonUnderTest(new HorizonSettings { IsLocal = true }).Horizon.Add(new Listener(_calls));
        Assert.Empty(_calls);
    }

    private void Listen() => _test.Horizon.Add(new Listener(_calls));

    private sealed class Listener(List<string> calls) : IRecordListener
    {
        public void Passed(in LogPosition position, InvalidationRecord record) => calls.Add($"passed {position.Sequence}");

        public void Skipped(in LogPosition position) => calls.Add($"skipped {position.Sequence}");
    }
}
