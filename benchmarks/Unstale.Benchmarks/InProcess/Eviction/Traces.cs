using System.Globalization;

namespace Unstale.Benchmarks.InProcess.Eviction;

/// <summary>Traces with fixed seeds: popularity by Zipf's law, scans between, hot keys that change, and a loop larger than the cache.</summary>
internal static class Traces
{
    private const int Keys = 100_000;
    private const int Shifts = 5;

    public static IEnumerable<Trace> Zipf(int capacity, int reads) =>
        new[] { .7, .8, .9, 1, 1.1 }.Select(exponent =>
            new Trace(string.Create(CultureInfo.InvariantCulture, $"Zipf {exponent:0.0} over {Keys:N0} keys"), capacity, Zipf(exponent, reads, seed: 1)));

    /// <summary>After every five reads per entry of the capacity, as many new keys as the capacity are read once.</summary>
    public static Trace Scans(int capacity, int reads)
    {
        var popular = Zipf(.9, reads, seed: 1);
        var trace = new List<int>(reads);
        var next = Keys;
        for (var index = 0; trace.Count < reads; index++)
        {
            trace.Add(popular[index]);
            if ((index + 1) % (capacity * 5) != 0)
                continue;
            var scanned = Math.Min(capacity, reads - trace.Count);
            trace.AddRange(Enumerable.Range(next, scanned));
            next += scanned;
        }

        return new($"Zipf 0.9 with scans of {capacity:N0} keys", capacity, [.. trace]);
    }

    public static Trace Shifting(int capacity, int reads) =>
        new($"Zipf 1.0, other hot keys each {reads / Shifts:N0} reads", capacity, [.. Enumerable.Range(0, Shifts).SelectMany(shift => Zipf(1, reads / Shifts, seed: 100 + shift))]);

    public static Trace Loop(int capacity, int reads)
    {
        var keys = capacity * 11 / 10;
        return new($"loop over {keys:N0} keys", capacity, [.. Enumerable.Range(0, reads).Select(index => index % keys)]);
    }

    private static int[] Zipf(double exponent, int reads, int seed)
    {
        var random = new Random(seed);
        var byRank = Enumerable.Range(0, Keys).ToArray();
        random.Shuffle(byRank);
        var cumulative = new double[Keys];
        var sum = 0.0;
        for (var rank = 0; rank < Keys; rank++)
            cumulative[rank] = sum += 1 / Math.Pow(rank + 1, exponent);
        return [.. Enumerable.Range(0, reads).Select(_ => byRank[Rank(random.NextDouble() * sum)])];

        int Rank(double point)
        {
            var found = Array.BinarySearch(cumulative, point);
            return Math.Min(found < 0 ? ~found : found, Keys - 1);
        }
    }
}
