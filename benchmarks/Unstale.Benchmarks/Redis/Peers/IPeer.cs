namespace Unstale.Benchmarks.Redis.Peers;

/// <summary>Node of a cache over the private server, configured as in its documentation.</summary>
internal interface IPeer : IDisposable
{
    /// <summary>Stores values in Redis, each with the tags of its key.</summary>
    void Load(IReadOnlyList<string> keys, string value, Func<string, string[]> tags);

    /// <summary>Reads a value from Redis and not from the memory of the node.</summary>
    ValueTask<string> ReadAsync(string key);

    ValueTask InvalidateKeyAsync(string key);

    ValueTask InvalidateTagAsync(string tag);
}
