using Unstale.Node;
using Xunit;

namespace Unstale.Tests.Node;

public sealed class AsyncSignalTests
{
    [Fact]
    public void A_signal_completes_the_tasks_read_before_it_and_no_later_task()
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
