using Unstale.Horizon;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Values;

public sealed class KeyHashTests
{
    [Fact]
    public void Equal_text_has_an_equal_hash_in_any_string_and_at_any_offset()
    {
        for (var length = 0; length <= 64; length++)
        {
            var text = new string('x', length);
            for (var offset = 0; offset < 4; offset++)
                Assert.Equal(KeyHash.Compute(text), KeyHash.Compute((new string('y', offset) + text + "z").AsSpan(offset, length)));
        }
    }

    [Fact]
    public void A_text_differs_from_its_neighbours_in_length_and_in_every_character()
    {
        var texts = new HashSet<string>(StringComparer.Ordinal);
        for (var length = 0; length <= 64; length++)
        {
            foreach (var filler in "\0a")
            {
                texts.Add(new string(filler, length));
                for (var at = 0; at < length; at++)
                {
                    foreach (var changed in "\u0001bA\u8000")
                        texts.Add(string.Concat(new string(filler, at), changed.ToString(), new string(filler, length - at - 1)));
                }
            }
        }

        var hashes = texts.Select(t => KeyHash.Compute(t)).Distinct().Count();

        // About 16,000 texts and 32 bits: a random hash has 0.03 collisions on average.
        Assert.InRange(texts.Count - hashes, 0, 2);
    }

    [Fact]
    public void The_hashes_of_numbered_keys_spread_evenly_over_buckets()
    {
        const int Buckets = 1024;
        const int Keys = 100 * Buckets;
        var low = new int[Buckets];
        var high = new int[Buckets];
        for (var i = 0; i < Keys; i++)
        {
            var hash = KeyHash.Compute($"product:{i}");
            low[hash % Buckets]++;
            high[hash >> 22]++;
        }

        AssertEven(low);
        AssertEven(high);

        // 100 per bucket, standard deviation 10. The limits allow for a poor seed of the process: ten deviations upwards, seven downwards.
        static void AssertEven(int[] counts) => Assert.All(counts, c => Assert.InRange(c, 30, 200));
    }

    [Fact]
    public void Recent_ids_detect_a_different_record_under_the_same_sequence()
    {
        var ids = new RecentIds();
        for (var s = 1; s <= 5000; s++)
            ids.Add(s, s * 10);
        Assert.False(ids.IsOther(5000, 50_000));
        Assert.True(ids.IsOther(5000, 1));
        Assert.True(ids.IsOther(5000 - 4095, 1));
        Assert.False(ids.IsOther(5000 - 4096, 1));
        Assert.False(ids.IsOther(0, 1));
        ids.Clear();
        Assert.False(ids.IsOther(5000, 1));
    }
}
