using System.Globalization;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.InProcess.Peers;

/// <summary>Memory retained by an entry. The key string counts; the value is one object shared by all. A cache without tags appears once.</summary>
internal static class PeerRetention
{
    private const int Tags = 3;

    public static IEnumerable<MemoryPeerLine> Measure(InProcessScale scale)
    {
        var names = Keys.SharedTagNames(scale.Entries, Tags);
        var untagged = MemoryPeers.Untagged.Select(create => PerEntry(create, number => Keys.SharedTags(names, number, Tags)));
        yield return Line("3 shared tags", number => Keys.SharedTags(names, number, Tags), [.. untagged]);
        GC.KeepAlive(names);
        yield return Line("1 tag of its own", static number => [string.Create(CultureInfo.InvariantCulture, $"item:{number:000000000}")]);

        MemoryPeerLine Line(string tags, Func<int, string[]> tagsOf, params double[] untagged) => MemoryPeerLine.Of(
            $"retained per entry, {scale.Entries:N0} entries, {tags}", "B", PerEntry(MemoryPeers.Ours[0], tagsOf), [.. MemoryPeers.Tagged.Select(create => PerEntry(create, tagsOf)), .. untagged]);

        double PerEntry(Func<IMemoryPeer> create, Func<int, string[]> tagsOf) => MemoryUse.RetainedBy(() => Loaded(create, scale.Entries, tagsOf)) / scale.Entries;
    }

    private static IMemoryPeer Loaded(Func<IMemoryPeer> create, int entries, Func<int, string[]> tagsOf)
    {
        var peer = create();
        MemoryPeerCheck.LoadsAll(peer, Keys.Range(0, entries), [.. Enumerable.Range(0, entries).Select(tagsOf)]);
        MemoryPeerCheck.HoldsAll(peer, Keys.Range(0, entries), tags: null);
        return peer;
    }
}
