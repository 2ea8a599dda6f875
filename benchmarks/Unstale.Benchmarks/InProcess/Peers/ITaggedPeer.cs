namespace Unstale.Benchmarks.InProcess.Peers;

/// <summary>Cache in memory whose entries carry tags, with one load for all callers of a key.</summary>
internal interface ITaggedPeer : IMemoryPeer
{
    void RemoveByTag(string[] tags);

    /// <summary>Returns a read that many callers may start. The caller of the read creates no delegate.</summary>
    Func<ValueTask<string>> Read(string key, string[]? tags, Func<Task<string>> load);
}
