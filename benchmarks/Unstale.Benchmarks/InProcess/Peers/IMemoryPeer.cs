using Unstale.Benchmarks.InProcess.Hits;

namespace Unstale.Benchmarks.InProcess.Peers;

/// <summary>
/// Cache in memory with its defaults, except that no entry expires during a measurement. The loops are part of the implementations, so that no measured
/// call passes through this interface. A cache without tags ignores the tags.
/// </summary>
internal interface IMemoryPeer : IDisposable
{
    /// <summary>Returns a loop of hits on keys that are stored.</summary>
    HitLoop Hits(string[] keys, string[]? tags);

    /// <summary>Reads each key, and stores the loaded value on a miss.</summary>
    /// <returns>Number of loads.</returns>
    int Load(string[] keys, string[][]? tags);

    void Set(string[] keys, string[][]? tags);

    void Remove(string[] keys);
}
