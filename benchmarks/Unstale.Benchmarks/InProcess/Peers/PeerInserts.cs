using System.Diagnostics;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.InProcess.Peers;

/// <summary>Reads that load a new key, and sets of a new key, into an empty cache. Keys and tag arrays are created beforehand, for all alike.</summary>
internal sealed class PeerInserts
{
    private const int Tags = 3;
    private static readonly Func<IMemoryPeer>[] Peers = [.. MemoryPeers.Ours, .. MemoryPeers.Tagged, .. MemoryPeers.Untagged];

    private readonly string[] _keys;
    private readonly string[][] _tags;

    private PeerInserts(int entries)
    {
        var names = Keys.SharedTagNames(entries, Tags);
        _keys = Keys.Range(0, entries);
        _tags = [.. Enumerable.Range(0, entries).Select(number => Keys.SharedTags(names, number, Tags))];
    }

    public static IEnumerable<MemoryPeerLine> Measure(InProcessScale scale)
    {
        var round = new PeerInserts(scale.Entries);
        foreach (var (name, insert) in new (string, Action<IMemoryPeer>)[] { ("read that loads a new key, 3 tags", round.Load), ("set of a new key, 3 tags", round.Set) })
        {
            foreach (var line in MemoryPeerLine.Both(name, "ns", nameof(UnstaleCache), scale.Whole.Medians([.. Peers.Select(create => (Func<double>)(() => round.Time(create, insert)))])))
                yield return line;
            foreach (var line in MemoryPeerLine.Both($"{name}, bytes", "B", nameof(UnstaleCache), [.. Peers.Select(create => round.Bytes(create, insert))]))
                yield return line;
        }
    }

    private void Load(IMemoryPeer peer) => MemoryPeerCheck.LoadsAll(peer, _keys, _tags);

    private void Set(IMemoryPeer peer) => peer.Set(_keys, _tags);

    /// <summary>Times the insertion of all keys. Each starts on the same heap and includes only its own collections.</summary>
    private double Time(Func<IMemoryPeer> create, Action<IMemoryPeer> insert)
    {
        using var peer = create();
        MemoryUse.Tidy();
        var start = Stopwatch.GetTimestamp();
        insert(peer);
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / _keys.Length;
    }

    private double Bytes(Func<IMemoryPeer> create, Action<IMemoryPeer> insert)
    {
        using var peer = create();
        var bytes = MemoryUse.AllocatedByProcess(() => insert(peer)) / _keys.Length;
        MemoryPeerCheck.HoldsAll(peer, _keys, _tags);
        return bytes;
    }
}
