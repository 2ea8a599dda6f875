namespace Unstale.Benchmarks.InProcess.Peers;

/// <summary>Measurements that other caches in memory have too, all in one run.</summary>
internal static class InProcessPeers
{
    /// <summary>Enumerates lazily, so each line is printed right after the measurement.</summary>
    public static IEnumerable<MemoryPeerLine> Measure(InProcessScale scale)
    {
        foreach (var create in (Func<IMemoryPeer>[])[.. MemoryPeers.Ours, .. MemoryPeers.Tagged, .. MemoryPeers.Untagged])
        {
            using var peer = create();
            MemoryPeerCheck.DoesTheWork(peer);
        }

        Func<InProcessScale, IEnumerable<MemoryPeerLine>>[] all = [PeerHits.Measure, PeerInserts.Measure, PeerRemovals.Measure, PeerWaits.Measure, PeerRetention.Measure];
        foreach (var line in all.SelectMany(measure => measure(scale)))
            yield return line;
    }
}
