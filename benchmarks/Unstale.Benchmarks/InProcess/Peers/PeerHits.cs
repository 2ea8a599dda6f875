using Unstale.Benchmarks.InProcess.Hits;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.InProcess.Peers;

/// <summary>Hits on hot keys whose entries carry a number of tags. The caches without tags are measured beside entries without tags.</summary>
internal sealed class PeerHits : IDisposable
{
    private readonly InProcessScale _scale;
    private readonly string[] _hot;
    private readonly string[]? _callTags;
    private readonly IMemoryPeer[] _peers;

    private PeerHits(InProcessScale scale, int tags)
    {
        _scale = scale;
        _hot = Accesses.Hot(scale.Entries, scale.HotKeys);
        _callTags = tags == 0 ? null : Keys.SharedTagNames(0, tags);
        var keys = Keys.Range(0, scale.Entries);
        var names = Keys.SharedTagNames(keys.Length, tags);
        var carried = tags == 0 ? null : keys.Select((_, number) => Keys.SharedTags(names, number, tags)).ToArray();
        _peers = [.. MemoryPeers.Ours.Concat<Func<IMemoryPeer>>(MemoryPeers.Tagged).Concat(tags == 0 ? MemoryPeers.Untagged : []).Select(static create => create())];
        foreach (var peer in _peers)
        {
            MemoryPeerCheck.LoadsAll(peer, keys, carried);
            MemoryPeerCheck.FindsAll(peer, peer.Hits(_hot, _callTags), _hot.Length);
        }

        MemoryUse.Tidy();
    }

    public static IEnumerable<MemoryPeerLine> Measure(InProcessScale scale)
    {
        foreach (var tags in new[] { 0, 3, 10 })
        {
            using var hits = new PeerHits(scale, tags);
            (string Name, string Unit, Func<double[]> Measure)[] measurements = [("1 thread", "ns", () => hits.Times(1)), ("2 threads", "ns", () => hits.Times(2)), ("bytes", "B", hits.Bytes)];
            foreach (var (name, unit, measure) in measurements)
            {
                foreach (var line in MemoryPeerLine.Both($"hit, hot {scale.HotKeys:N0}, {tags} tags, {name}", unit, nameof(UnstaleCache), measure()))
                    yield return line;
            }
        }
    }

    public void Dispose()
    {
        foreach (var peer in _peers)
            peer.Dispose();
    }

    private double[] Times(int threads) => _scale.Hits.Medians([.. _peers.Select(peer => peer.Hits(_hot, _callTags).On(threads, _scale.SliceReads))]);

    private double[] Bytes() => [.. _peers.Select(peer =>
    {
        var loop = peer.Hits(_hot, _callTags);
        loop.Run(_scale.Accesses, thread: 0);
        return MemoryUse.AllocatedByProcess(() => loop.Run(_scale.Accesses, thread: 0)) / _scale.Accesses;
    })];
}
