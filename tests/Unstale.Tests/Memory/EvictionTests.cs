using FsCheck.Fluent;
using Unstale.Horizon;
using Unstale.Memory;
using Unstale.Telemetry;
using Unstale.Tests.Horizon;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Memory;

public sealed class EvictionTests : IDisposable
{
    private const int Capacity = 5;

    private readonly CacheMetrics _metrics = new(null, "eviction", () => default);
    private readonly PartitionHorizon _horizon = new HorizonUnderTest().Horizon;
    private MemoryStore _store;

    public EvictionTests() => _store = new MemoryStore(_horizon, Capacity, _metrics);

    public void Dispose() => _metrics.Dispose();

    [Theory]
    [InlineData(1, 4)]
    [InlineData(5, 12)]
    [InlineData(24, 40)]
    [InlineData(60, 90)]
    public void The_store_evicts_the_same_entries_as_a_naive_model(int capacity, int keys)
    {
        var key = Gen.Choose(0, keys - 1).Select(i => $"k{i}");
        var step = Gen.Frequency(
            (4, key.Select(k => (Do: 'p', Key: k))), (4, key.Select(k => (Do: 'h', Key: k))), (1, key.Select(k => (Do: 'r', Key: k))));
        Property.HoldsFor(step, Compare, runs: 400, steps: Math.Max(60, capacity * 10));

        void Compare((char Do, string Key)[] steps)
        {
            _store = new MemoryStore(_horizon, capacity, _metrics);
            var naive = new NaiveEviction(capacity);
            foreach (var (what, name) in steps)
            {
                Do(what, name, naive);
                Assert.Equal(naive.In(EntryPlace.Small), StoreCheck.InSmall(_store).Select(e => (e.Key, (int)e.Reads)));
                Assert.Equal(naive.In(EntryPlace.Main), StoreCheck.InMain(_store).Select(e => (e.Key, (int)e.Reads)));
            }

            StoreCheck.Verify(_store);
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
    public void An_entry_read_in_the_small_queue_moves_to_the_main_queue()
    {
        Put("hot");
        Hit("hot");
        for (var i = 1; i <= Capacity; i++)
            Put($"k{i}");
        Assert.Equal(["hot"], Keys(StoreCheck.InMain(_store)));
        Assert.Null(_store.Find("k1"));
    }

    [Fact]
    public void A_key_evicted_unread_enters_the_main_queue_when_stored_again()
    {
        Load("k", Capacity + 1);
        Assert.Null(_store.Find("k0"));
        Put("k0");
        Assert.Equal(["k0"], Keys(StoreCheck.InMain(_store)));
        Assert.Null(_store.Find("k1"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_invalidated_entry_returns_to_the_main_queue_only_if_it_was_read(bool isRead)
    {
        Put("k");
        if (isRead)
            Hit("k");
        _store.Drop("k", below: long.MaxValue);
        Put("k");
        Assert.Equal(isRead, StoreCheck.InMain(_store).Any());
        Assert.Equal(!isRead, StoreCheck.InSmall(_store).Any());
    }

    [Fact]
    public void An_entry_is_not_replaced_while_the_oldest_of_the_main_queue_were_all_read()
    {
        LoadMain();
        foreach (var entry in StoreCheck.InMain(_store).ToList())
            Hit(entry.Key);
        string[] main = [.. Keys(StoreCheck.InMain(_store))];
        Put("small");
        Hit("small");
        Put("new");
        Assert.Null(_store.Find("small"));
        Assert.Equal(main.Order(), Keys(StoreCheck.InMain(_store)).Order());

        // Three of the four were examined and lost their read. The key that returns replaces one of them.
        Put("small");
        Assert.Contains("small", Keys(StoreCheck.InMain(_store)));
        Assert.Equal(Capacity, _store.Count);
    }

    [Fact]
    public void A_hit_is_counted_up_to_three()
    {
        Put("hot");
        for (var reads = 1; reads <= 5; reads++)
        {
            Hit("hot");
            Assert.Equal(Math.Min(3, reads), _store.Find("hot")!.Reads);
        }
    }

    [Fact]
    public void If_all_entries_were_read_the_oldest_is_evicted_and_the_new_one_stays()
    {
        for (var i = 0; i < Capacity; i++)
        {
            Put($"k{i}");
            Hit($"k{i}");
        }

        Put("new");
        Assert.Equal(["k1", "k2", "k3", "k4"], Keys(StoreCheck.InMain(_store)));
        Assert.Equal(["new"], Keys(StoreCheck.InSmall(_store)));
    }

    [Fact]
    public void A_capacity_of_one_holds_the_newest()
    {
        _store = new MemoryStore(_horizon, 1, _metrics);
        for (var i = 0; i < 10; i++)
        {
            Put($"k{i}");
            Hit($"k{i}");
            Assert.Equal($"k{i}", Assert.Single(StoreCheck.Queued(_store)).Key);
        }

        Assert.Equal(9, _metrics.Snapshot(1, 0, null!).EvictedForSize);
    }

    private void Do(char what, string key, NaiveEviction naive)
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
            entry.CountRead();
    }

    private void Load(string prefix, int count)
    {
        for (var i = 0; i < count; i++)
            Put($"{prefix}{i}");
    }

    /// <summary>Fills the main queue: keys evicted unread return.</summary>
    private void LoadMain()
    {
        Load("k", Capacity * 2);
        for (var i = 0; StoreCheck.InMain(_store).Count() < Capacity - 1; i++)
            Put($"k{i}");
    }

    private static IEnumerable<string> Keys(IEnumerable<Entry> entries) => entries.Select(e => e.Key);
}
