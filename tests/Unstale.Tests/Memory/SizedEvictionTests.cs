using FsCheck.Fluent;
using Unstale.Horizon;
using Unstale.Memory;
using Unstale.Telemetry;
using Unstale.Tests.Horizon;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Memory;

/// <summary>Evictions of a store with a limit in bytes and with priorities.</summary>
public sealed class SizedEvictionTests : IDisposable
{
    private readonly CacheMetrics _metrics = new(null, "sizes", () => default);
    private readonly PartitionHorizon _horizon = new HorizonUnderTest().Horizon;

    public void Dispose() => _metrics.Dispose();

    [Theory]
    [InlineData(8, 5_000, 20)]
    [InlineData(60, 20_000, 90)]
    [InlineData(1_000, 40_000, 120)]
    public void The_store_evicts_the_same_entries_as_a_naive_model(int capacity, int bytes, int keys)
    {
        // The number of the key gives the priority: one key in eight has one of its own.
        var key = Gen.Choose(0, keys - 1);
        var step = Gen.Frequency(
            (4, key.SelectMany(k => Gen.Choose(0, 1_500).Select(size => (Do: 'p', Key: k, Size: size)))),
            (4, key.Select(k => (Do: 'h', Key: k, Size: 0))),
            (1, key.Select(k => (Do: 'r', Key: k, Size: 0))));
        Property.HoldsFor(step, Compare, runs: 200, steps: 300);

        void Compare((char Do, int Key, int Size)[] steps)
        {
            var store = new MemoryStore(_horizon, capacity, _metrics, maximumBytes: bytes);
            var naive = new NaiveEviction(capacity, bytes);
            foreach (var (what, number, size) in steps)
            {
                var name = $"k{number}";
                switch (what)
                {
                    case 'p':
                        var entry = Entries.Sized(name, size, PlaceOf(number));
                        Assert.Equal(naive.Put(name, entry.Size, PlaceOf(number)), Put(store, entry));
                        break;
                    case 'h':
                        store.Find(name)?.CountRead();
                        naive.Hit(name);
                        break;
                    default:
                        store.Drop(name, below: long.MaxValue);
                        naive.Remove(name);
                        break;
                }

                Assert.Equal(naive.Bytes, store.Bytes);
                Assert.True(store.Bytes <= bytes && store.Count <= capacity, "both limits hold after each step");
                Assert.Equal(naive.In(EntryPlace.Small), Names(StoreCheck.InSmall(store)));
                Assert.Equal(naive.In(EntryPlace.Main), Names(StoreCheck.InMain(store)));
                Assert.Equal(naive.In(EntryPlace.Low), Names(StoreCheck.InLow(store)));
                Assert.Equal(naive.In(EntryPlace.High), Names(StoreCheck.InHigh(store)));
                Assert.Equal(naive.In(EntryPlace.Pinned), Names(StoreCheck.InPinned(store)));
            }

            StoreCheck.Verify(store);
            store.Clear();
        }
    }

    [Fact]
    public void A_low_priority_is_evicted_before_entries_that_were_never_read()
    {
        var store = new MemoryStore(_horizon, 3, _metrics);
        Put(store, Entries.Sized("low", 0, EntryPlace.Low));
        store.Find("low")!.CountRead();
        Put(store, Entries.Sized("normal", 0, EntryPlace.None));
        Put(store, Entries.Sized("high", 0, EntryPlace.High));
        Put(store, Entries.Sized("new", 0, EntryPlace.None));
        Assert.Equal(["high", "new", "normal"], Stored(store));
    }

    [Fact]
    public void A_high_priority_outlives_entries_that_are_read()
    {
        var store = new MemoryStore(_horizon, 3, _metrics);
        Put(store, Entries.Sized("high", 0, EntryPlace.High));
        for (var i = 0; i < 100; i++)
        {
            Put(store, Entries.Sized($"k{i}", 0, EntryPlace.None));
            store.Find($"k{i}")!.CountRead();
            Assert.NotNull(store.Find("high"));
        }

        // Only other entries of high priority replace it.
        foreach (var name in new[] { "high2", "high3", "high4" })
            Put(store, Entries.Sized(name, 0, EntryPlace.High));
        Assert.Equal(["high2", "high3", "high4"], Stored(store));
    }

    [Fact]
    public void Pinned_entries_stay_and_others_are_not_stored_without_room()
    {
        var store = new MemoryStore(_horizon, 2, _metrics);
        Assert.True(Put(store, Entries.Sized("pinned", 0, EntryPlace.Pinned)));
        Assert.True(Put(store, Entries.Sized("k1", 0, EntryPlace.None)));
        Assert.True(Put(store, Entries.Sized("k2", 0, EntryPlace.None)));
        Assert.Equal(["k2", "pinned"], Stored(store));
        Assert.True(Put(store, Entries.Sized("pinned2", 0, EntryPlace.Pinned)));
        Assert.False(Put(store, Entries.Sized("k3", 0, EntryPlace.None)));
        Assert.False(Put(store, Entries.Sized("pinned3", 0, EntryPlace.Pinned)));
        Assert.Equal(["pinned", "pinned2"], Stored(store));
        store.Drop("pinned", below: long.MaxValue);
        Assert.True(Put(store, Entries.Sized("k3", 0, EntryPlace.None)));
    }

    [Fact]
    public void An_entry_that_cannot_fit_evicts_nothing_and_releases_its_tags()
    {
        var store = new MemoryStore(_horizon, 100, _metrics, maximumBytes: 10_000);
        Put(store, Entries.Sized("k", 100, EntryPlace.None));
        Put(store, Entries.Sized("pinned", 5_000, EntryPlace.Pinned));
        TagSet tags;
        lock (_horizon.Gate)
            tags = _horizon.Tags.Hold(["a", "b"]);
        Assert.False(Put(store, Entries.Sized("large", 5_000, EntryPlace.None, tags)));
        Assert.Equal(["k", "pinned"], Stored(store));
        Assert.Equal(0, _horizon.Tags.Count);
        Assert.Equal(0, _horizon.Tags.Bytes);
        StoreCheck.Verify(store);
    }

    [Fact]
    public void A_measured_size_counts_and_is_released()
    {
        var store = new MemoryStore(_horizon, 100, _metrics, maximumBytes: 10_000);
        lock (_horizon.Gate)
            Assert.True(store.Put_NeedsLock(Entries.Entry("k"), valueSize: 9_000));
        Assert.InRange(store.Bytes, 9_100, 9_300);
        Put(store, Entries.Sized("other", 1_000, EntryPlace.None));
        Assert.Equal(["other"], Stored(store));
        Assert.InRange(store.Bytes, 1_100, 1_300);
    }

    [Fact]
    public void Stores_of_one_horizon_share_the_size_of_the_tags()
    {
        var (one, two) = (new MemoryStore(_horizon, 100, _metrics), new MemoryStore(_horizon, 100, _metrics));
        Put(one, Entries.Sized("k", 0, EntryPlace.None, Held("a", "b")));
        var alone = one.Bytes;
        Assert.True(alone > one.Find("k")!.Size, "the tags count");
        for (var i = 0; i < 3; i++)
            Put(two, Entries.Sized($"k{i}", 0, EntryPlace.None));
        Assert.Equal(one.Find("k")!.Size + ((alone - one.Find("k")!.Size) / 4), one.Bytes);
        two.Clear();
        Assert.Equal(alone, one.Bytes);
    }

    private static EntryPlace PlaceOf(int number) => (number % 24) switch
    {
        0 => EntryPlace.Low,
        8 => EntryPlace.High,
        16 => EntryPlace.Pinned,
        _ => EntryPlace.None,
    };

    private TagSet Held(params string[] tags)
    {
        lock (_horizon.Gate)
            return _horizon.Tags.Hold(tags);
    }

    private bool Put(MemoryStore store, Entry entry)
    {
        lock (_horizon.Gate)
            return store.Put_NeedsLock(entry);
    }

    private static string[] Stored(MemoryStore store) => [.. StoreCheck.Queued(store).Select(e => e.Key).Order(StringComparer.Ordinal)];

    private static IEnumerable<(string Key, int Reads)> Names(IEnumerable<Entry> entries) => entries.Select(e => (e.Key, (int)e.Reads));
}
