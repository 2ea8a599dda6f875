namespace Unstale.Benchmarks.InProcess.Hits;

/// <summary>
/// Keys to look up, in order. Each access has its own string, which equals the stored one and is beside its neighbours in memory: the key of a
/// request was written a moment ago and is in the processor's cache.
/// </summary>
internal static class Accesses
{
    public static string[] Hot(int entries, int hot, int seed = 1)
    {
        var numbers = Shuffled(entries, seed);
        return [.. numbers.Take(hot).Select(Keys.Of)];
    }

    public static string[] Uniform(int entries, int accesses, int seed = 2)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, accesses).Select(_ => Keys.Of(random.Next(entries)))];
    }

    /// <summary>
    /// Returns keys by Zipf's law with exponent 0.99. The popularity of an entry does not depend on the time at which it was stored.
    /// </summary>
    public static string[] Zipf(int entries, int accesses, int seed = 3)
    {
        var byRank = Shuffled(entries, seed);
        var cumulative = new double[entries];
        var sum = 0.0;
        for (var rank = 0; rank < entries; rank++)
            cumulative[rank] = sum += 1 / Math.Pow(rank + 1, 0.99);

        var random = new Random(seed);
        return [.. Enumerable.Range(0, accesses).Select(_ => Keys.Of(byRank[Rank(random.NextDouble() * sum)]))];

        int Rank(double point)
        {
            var found = Array.BinarySearch(cumulative, point);
            return Math.Min(found < 0 ? ~found : found, entries - 1);
        }
    }

    private static int[] Shuffled(int count, int seed)
    {
        var numbers = Enumerable.Range(0, count).ToArray();
        new Random(seed).Shuffle(numbers);
        return numbers;
    }
}
