using Unstale.Horizon;
using Unstale.Memory;
using Unstale.Telemetry;
using Unstale.Tests.Horizon;
using Xunit;

namespace Unstale.Tests.Memory;

/// <summary>Hit ratios of the store on traces with fixed seeds, beside an exact LRU of the same capacity.</summary>
public sealed class HitRatioTests : IDisposable
{
    private const int Capacity = 1_000;
    private const int Keys = 20_000;
    private const int Reads = 100_000;

    private readonly CacheMetrics _metrics = new(null, "ratios", () => default);
    private readonly PartitionHorizon _horizon = new HorizonUnderTest().Horizon;
    private readonly MemoryStore _store;

    public HitRatioTests() => _store = new MemoryStore(_horizon, Capacity, _metrics);

    public void Dispose() => _metrics.Dispose();

    [Fact]
    public void A_loop_larger_than_the_cache_has_hits_where_an_LRU_has_none()
    {
        int[] reads = [.. Enumerable.Range(0, Reads).Select(i => i % (Capacity * 11 / 10))];
        Assert.Equal(0, OfLru(reads));
        Assert.InRange(OfStore(reads), 75, 91);
    }

    [Fact]
    public void Popular_keys_have_more_hits_than_in_an_LRU()
    {
        var reads = Popular(Reads, seed: 1);
        Assert.InRange(OfStore(reads), OfLru(reads) + 6, 100);
    }

    [Fact]
    public void Scans_do_not_take_the_place_of_popular_keys()
    {
        int[] reads = [.. Popular(Reads, seed: 2).Chunk(Capacity * 5).SelectMany((popular, chunk) => popular.Concat(Enumerable.Range(Keys + (chunk * Capacity), Capacity)))];
        Assert.InRange(OfStore(reads), OfLru(reads) + 6, 100);
    }

    [Fact]
    public void Keys_popular_later_take_the_place_of_keys_popular_before()
    {
        int[] reads = [.. Enumerable.Range(3, 5).SelectMany(seed => Popular(Reads / 5, seed))];
        Assert.InRange(OfStore(reads), OfLru(reads), 100);
    }

    private static int[] Popular(int reads, int seed)
    {
        var random = new Random(seed);
        var byRank = Enumerable.Range(0, Keys).ToArray();
        random.Shuffle(byRank);

        // The logarithm of the rank is distributed evenly: about Zipf's law with exponent 1.
        return [.. Enumerable.Range(0, reads).Select(_ => byRank[(int)Math.Pow(Keys, random.NextDouble()) - 1])];
    }

    private double OfStore(int[] reads) => Share(reads, number =>
    {
        var key = $"key:{number}";
        if (_store.Find(key) is { } held)
        {
            held.CountRead();
            return true;
        }

        _store.Prepare();
        lock (_horizon.Gate)
            _store.Put_NeedsLock(Entries.Entry(key));
        Assert.True(_store.Count <= Capacity, "no more entries than the capacity");
        return false;
    });

    private static double OfLru(int[] reads)
    {
        var order = new LinkedList<int>();
        var nodes = new Dictionary<int, LinkedListNode<int>>();
        return Share(reads, key =>
        {
            var isHit = nodes.Remove(key, out var node);
            if (isHit)
                order.Remove(node!);
            else if (nodes.Count == Capacity)
                nodes.Remove(order.First!.Value);
            if (!isHit && order.Count == Capacity)
                order.RemoveFirst();
            nodes[key] = order.AddLast(key);
            return isHit;
        });
    }

    /// <summary>Returns the hits in percent. The first fifth of the reads does not count.</summary>
    private static double Share(int[] reads, Func<int, bool> isHit) => 100 * reads.Select(isHit).Skip(reads.Length / 5).Average(hit => hit ? 1.0 : 0);
}
