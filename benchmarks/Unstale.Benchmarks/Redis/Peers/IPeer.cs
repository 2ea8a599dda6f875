namespace Unstale.Benchmarks.Redis.Peers;

/// <summary>One node of a cache over the private server, configured as its documentation does it.</summary>
internal interface IPeer : IDisposable
{
    /// <summary>Stores values in Redis, each with the tags of its key.</summary>
    void Fill(IReadOnlyList<string> keys, string value, Func<string, string[]> tags);

    /// <summary>Reads a value that is in Redis, past the memory of the node.</summary>
    ValueTask<string> ReadAsync(string key);

    ValueTask InvalidateKeyAsync(string key);

    ValueTask InvalidateTagAsync(string tag);
}
