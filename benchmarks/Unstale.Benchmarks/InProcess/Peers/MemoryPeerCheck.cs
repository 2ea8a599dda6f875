using Unstale.Benchmarks.InProcess.Hits;

namespace Unstale.Benchmarks.InProcess.Peers;

/// <summary>Checks that a cache does the work, before and during a measurement of its speed.</summary>
internal static class MemoryPeerCheck
{
    private const string Key = "checked:1", SetKey = "checked:2", Tag = "checked";

    /// <exception cref="InvalidOperationException">The cache does not load, store, find or remove a value as its calls promise.</exception>
    public static void DoesTheWork(IMemoryPeer peer)
    {
        string[] keys = [Key];
        string[][] tags = [[Tag]];
        Require(peer, peer.Load(keys, tags) == 1, "does not load a missing value");
        Require(peer, peer.Load(keys, tags) == 0, "loads a stored value");
        FindsAll(peer, peer.Hits(keys, tags[0]), keys.Length);
        peer.Remove(keys);
        Require(peer, peer.Load(keys, tags) == 1, "still holds a removed key");
        if (peer is ITaggedPeer tagged)
        {
            tagged.RemoveByTag(tags[0]);
            Require(peer, peer.Load(keys, tags) == 1, "still holds an entry of a removed tag");
        }

        peer.Set([SetKey], tags: null);
        Require(peer, peer.Load([SetKey], tags: null) == 0, "does not hold a value that was set");
    }

    /// <exception cref="InvalidOperationException">One of the keys of the loop has no value.</exception>
    public static void FindsAll(IMemoryPeer peer, HitLoop hits, int keys)
    {
        for (var key = 0; key < keys; key++)
        {
            hits.Run(1, thread: 0);
            Require(peer, ReferenceEquals(hits.Last, Keys.Value), "does not find a stored value");
        }
    }

    /// <summary>Reads keys that the cache does not hold.</summary>
    /// <exception cref="InvalidOperationException">Fewer values than keys were loaded.</exception>
    public static void LoadsAll(IMemoryPeer peer, string[] keys, string[][]? tags) =>
        Require(peer, peer.Load(keys, tags) == keys.Length, "holds a value that nobody has stored, or that was removed");

    /// <summary>Reads keys that the cache holds.</summary>
    /// <exception cref="InvalidOperationException">A value was loaded.</exception>
    public static void HoldsAll(IMemoryPeer peer, string[] keys, string[][]? tags) => Require(peer, peer.Load(keys, tags) == 0, "has lost a stored value");

    private static void Require(IMemoryPeer peer, bool isMet, string otherwise)
    {
        if (!isMet)
            throw new InvalidOperationException($"{peer.GetType().Name} {otherwise}.");
    }
}
