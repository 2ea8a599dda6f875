using Unstale.Node;
using Xunit;

namespace Unstale.Tests.Node;

public sealed class AsyncSignalTests
{
    [Fact]
    public void A_signal_completes_what_was_read_before_and_nothing_after()
    {
        var signal = new AsyncSignal();
        signal.Set();
        var (first, second) = (signal.Next, signal.Next);
        Assert.False(first.IsCompleted);
        signal.Set();
        Assert.True(first.IsCompleted && second.IsCompleted);
        Assert.False(signal.Next.IsCompleted);
    }
}
