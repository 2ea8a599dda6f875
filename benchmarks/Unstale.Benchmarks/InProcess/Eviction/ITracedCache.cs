namespace Unstale.Benchmarks.InProcess.Eviction;

/// <summary>Cache of a limited number of entries, read by one thread.</summary>
internal interface ITracedCache : IDisposable
{
    /// <summary>Number of entries held.</summary>
    int Held { get; }

    /// <summary>Reads a key, and stores a value on a miss.</summary>
    /// <returns>True for a hit.</returns>
    bool Read(int key);
}
