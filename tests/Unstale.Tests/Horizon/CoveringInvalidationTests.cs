using System.Runtime.CompilerServices;
using Unstale.Horizon;
using Unstale.Log;
using Xunit;

namespace Unstale.Tests.Horizon;

/// <summary>During an endless outage an "everything" replaces the queue, and the replaced invalidations do not accumulate.</summary>
public sealed class CoveringInvalidationTests
{
    private const int Capacity = 8;
    private readonly HorizonUnderTest _test = new(new HorizonSettings { RetryCapacity = Capacity });

    public CoveringInvalidationTests() => _test.Horizon.Disconnected();

    [Fact]
    public void Replaced_invalidations_without_a_holder_are_collected()
    {
        var raised = QueueMany(500);
        Collect();
        Assert.InRange(raised.Count(r => r.TryGetTarget(out _)), 0, Capacity + 1);
        Assert.True(_test.Horizon.Queued <= Capacity);
        Assert.Equal(500, Answered().Sum(o => o.ResetUnsent()));
    }

    [Fact]
    public void A_held_invalidation_that_was_replaced_gets_its_position()
    {
        var operation = Queue();
        QueueMany(30);
        Collect();
        var applied = Answered();
        Assert.Contains(operation, applied);
        Assert.True(operation.IsApplied);
        Assert.Equal(1, operation.Position.Sequence);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_waiting_caller_keeps_a_replaced_invalidation_alive(bool beforeIsReplaced)
    {
        var (operation, waiting) = QueueAndWait(beforeIsReplaced);
        QueueMany(100);
        Collect();
        Assert.True(operation.TryGetTarget(out _));
        foreach (var one in Answered())
            (one as PendingAppend)?.ReportApplied();
        Assert.True(waiting.IsCompletedSuccessfully);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private (WeakReference<Operation> Operation, Task Waiting) QueueAndWait(bool beforeIsReplaced)
    {
        var operation = Queue();
        if (beforeIsReplaced)
            return (new(operation), operation.Applied);
        QueueMany(30);
        Assert.NotNull(operation.CoveredBy);
        return (new(operation), operation.Applied);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private List<WeakReference<Operation>> QueueMany(int count) => [.. Enumerable.Range(0, count).Select(_ => new WeakReference<Operation>(Queue()))];

    private PendingAppend Queue()
    {
        var operation = new PendingAppend(_test.Record(InvalidationTarget.ForTag("t")), _test.Now) { Unsent = 1 };
        _test.Horizon.Raise(operation);
        Assert.False(_test.Horizon.MaySend(operation));
        return operation;
    }

    /// <summary>Reconnects the log and acknowledges all appends. Returns the applied operations.</summary>
    private List<Operation> Answered()
    {
        _test.Horizon.Connected();
        _test.Tail();
        var append = _test.Effects().Append;
        foreach (var operation in append)
            Assert.True(_test.Acknowledge(operation, _test.Log(operation.Record)));
        return [.. append.Union(_test.Effects().Applied)];
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }
}
