using FsCheck.Fluent;
using Unstale.Horizon;
using Unstale.Store;
using Unstale.Telemetry;
using Unstale.Tests.Horizon;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Store;

public sealed class SieveTests : IDisposable
{
    private const int Capacity = 5;

    private readonly CacheMetrics _metrics = new(null, "sieve", () => default);
    private readonly PartitionHorizon _horizon = new HorizonUnderTest().Horizon;
    private EntryStore _store;

    public SieveTests() => _store = new EntryStore(_horizon, Capacity, _metrics);

    public void Dispose() => _metrics.Dispose();

    [Fact]
    public void Evicts_what_a_naive_sieve_evicts()
    {
        var key = Gen.Choose(0, 11).Select(i => $"k{i}");
        var step = Gen.Frequency(
            (4, key.Select(k => (Do: 'p', Key: k))), (4, key.Select(k => (Do: 'h', Key: k))), (1, key.Select(k => (Do: 'r', Key: k))));
        Property.HoldsFor(step, Compare, runs: 1000, steps: 60);

        void Compare((char Do, string Key)[] steps)
        {
            _store = new EntryStore(_horizon, Capacity, _metrics);
            var naive = new NaiveSieve(Capacity);
            foreach (var (what, name) in steps)
            {
                Do(what, name, naive);
                Assert.Equal(string.Join(' ', naive.Keys), string.Join(' ', StoreCheck.OldToNew(_store).Select(e => e.Key)));
                StoreCheck.Verify(_store);
            }
        }
    }

    [Fact]
    public void An_entry_that_was_read_outlives_those_that_were_not()
    {
        Put("hot");
        for (var i = 0; i < 100; i++)
        {
            Hit("hot");
            Put($"once{i}");
            Assert.NotNull(_store.Find("hot"));
            Assert.True(_store.Count <= Capacity, "the cap holds");
        }
    }

    [Fact]
    public void A_hit_protects_from_the_hand_once()
    {
        Put("hot");
        Hit("hot");
        for (var i = 1; i <= Capacity; i++)
            Put($"k{i}");
        Assert.NotNull(_store.Find("hot"));
        Assert.Null(_store.Find("k1"));
        for (var i = 2; i <= Capacity; i++)
            Hit($"k{i}");
        Put("new");
        Assert.Null(_store.Find("hot"));
    }

    [Fact]
    public void Where_all_was_read_the_oldest_goes_and_the_new_one_stays()
    {
        for (var i = 0; i < Capacity; i++)
        {
            Put($"k{i}");
            Hit($"k{i}");
        }

        Put("new");
        Assert.Equal("k1 k2 k3 k4 new", string.Join(' ', StoreCheck.OldToNew(_store).Select(e => e.Key)));
    }

    [Fact]
    public void A_capacity_of_one_holds_the_newest()
    {
        _store = new EntryStore(_horizon, 1, _metrics);
        for (var i = 0; i < 10; i++)
        {
            Put($"k{i}");
            Hit($"k{i}");
            Assert.Equal($"k{i}", Assert.Single(StoreCheck.OldToNew(_store)).Key);
        }

        Assert.Equal(9, _metrics.Snapshot(1, 0, null!).EvictedForSize);
    }

    private void Do(char what, string key, NaiveSieve naive)
    {
        switch (what)
        {
            case 'p':
                Put(key);
                naive.Put(key);
                break;
            case 'h':
                Hit(key);
                naive.Hit(key);
                break;
            default:
                _store.Drop(key, below: long.MaxValue);
                naive.Remove(key);
                break;
        }
    }

    private void Put(string key)
    {
        lock (_horizon.Gate)
            _store.Put_NeedsLock(Entries.Entry(key));
    }

    private void Hit(string key)
    {
        if (_store.Find(key) is { } entry)
            entry.IsVisited = true;
    }
}
