using Unstale.Horizon;
using Unstale.Memory;
using Unstale.Telemetry;
using Unstale.Tests.Horizon;
using Xunit;

namespace Unstale.Tests.Memory;

/// <summary>Work of one insert under the lock of the log, at one million entries, in entries touched.</summary>
public sealed class BoundedInsertTests : IDisposable
{
    private const int Capacity = 1_000_000;
    private const int MaximumSteps = 64;

    private readonly CacheMetrics _metrics = new(null, "inserts", () => default);
    private readonly PartitionHorizon _horizon = new HorizonUnderTest().Horizon;
    private readonly MemoryStore _store;
    private long _steps;

    public BoundedInsertTests() => _store = new MemoryStore(_horizon, Capacity, _metrics);

    public void Dispose() => _metrics.Dispose();

    [Fact]
    public void No_insert_touches_more_than_64_entries()
    {
        // While the table grows.
        var steps = 0L;
        for (var i = 0; i < Capacity; i++)
            steps = Math.Max(steps, Insert(i));
        Assert.InRange(steps, EntryTable.StepsPerAdd, MaximumSteps);
        Assert.Equal(Capacity, _store.Count);
        Assert.Equal(1 << 20, _store.Table.Buckets);

        // While all entries of the full cache were read, so often that none of the counters goes to zero on the way.
        for (var round = 0; round < 3; round++)
        {
            foreach (var entry in _store.Table)
                entry.CountRead();
        }

        steps = 0;
        for (var i = 0; i < Capacity + (Capacity / 2); i++)
        {
            steps = Math.Max(steps, Insert(Capacity + i));
            if (i % 2 == 0)
                _store.Find($"key:{Capacity + i}")!.CountRead();
        }

        Assert.InRange(steps, EvictionQueues.MaximumPromotions + 1, MaximumSteps);
        Assert.Equal(Capacity, _store.Count);
        StoreCheck.Verify(_store);
    }

    /// <summary>Returns the steps that the insert took.</summary>
    private long Insert(int number)
    {
        var entry = Entries.Entry($"key:{number}");
        _store.Prepare();
        lock (_horizon.Gate)
            _store.Put_NeedsLock(entry);
        var before = _steps;
        _steps = _store.Table.Steps + StoreCheck.QueuesOf(_store).Steps;
        return _steps - before;
    }
}
