namespace Unstale.Benchmarks.InProcess.Eviction;

/// <summary>Order in which keys are read, as numbers from 0.</summary>
/// <param name="Name">Name of the trace.</param>
/// <param name="Capacity">Capacity of the caches.</param>
/// <param name="Reads">Keys in order of the reads.</param>
internal sealed record Trace(string Name, int Capacity, int[] Reads)
{
    /// <summary>Reads at the start that fill the caches and do not count.</summary>
    private int WarmUp => Reads.Length / 5;

    /// <summary>Returns the share of the counted reads that were hits, in percent, and the largest number of entries held.</summary>
    public (double Ratio, int Held) Run(Func<ITracedCache> create)
    {
        using var cache = create();
        var (hits, held) = (0, 0);
        for (var index = 0; index < Reads.Length; index++)
        {
            if (cache.Read(Reads[index]) && index >= WarmUp)
                hits++;
            if (index % 64 == 0)
                held = Math.Max(held, cache.Held);
        }

        return (100.0 * hits / (Reads.Length - WarmUp), held);
    }
}
