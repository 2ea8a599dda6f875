using System.Diagnostics;
using System.Globalization;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.InProcess.Peers;

/// <summary>
/// Invalidations of keys that are stored, and of tags that an entry carries. The entries are loaded again before each round, which also checks that the
/// last round has removed them.
/// </summary>
internal sealed class PeerRemovals : IDisposable
{
    private const int Removed = 1_000;
    private const int Samples = 5;

    private readonly string[] _keys = Keys.Range(0, Removed);
    private readonly string[][] _carried = [.. Names().Select(static tag => new[] { tag })];

    // Other instances than those stored with the entries, as callers pass them.
    private readonly string[] _removedKeys = Keys.Range(0, Removed);
    private readonly string[] _removedTags = Names();

    private readonly ITaggedPeer[] _tagged = [.. MemoryPeers.Ours.Concat(MemoryPeers.Tagged).Select(static create => create())];
    private readonly IMemoryPeer[] _untagged = [.. MemoryPeers.Untagged.Select(static create => create())];

    public static IEnumerable<MemoryPeerLine> Measure(InProcessScale scale)
    {
        using var measured = new PeerRemovals();
        IMemoryPeer[] all = [.. measured._tagged, .. measured._untagged];
        Func<Action>[] keys = [.. all.Select(peer => (Func<Action>)(() => measured.RemovalOfKeys(peer)))];
        Func<Action>[] tags = [.. measured._tagged.Select(peer => (Func<Action>)(() => measured.RemovalOfTags(peer)))];
        foreach (var (name, removals) in new[] { ("invalidate a key", keys), ("invalidate a tag", tags) })
        {
            foreach (var line in MemoryPeerLine.Both(name, "ns", nameof(IInvalidator), scale.Removals.Medians([.. removals.Select(prepare => (Func<double>)(() => Time(prepare)))])))
                yield return line;
            foreach (var line in MemoryPeerLine.Both($"{name}, bytes", "B", nameof(IInvalidator), [.. removals.Select(Bytes)]))
                yield return line;
        }
    }

    public void Dispose()
    {
        foreach (var peer in _tagged.Concat(_untagged))
            peer.Dispose();
    }

    private static string[] Names() => [.. Enumerable.Range(0, Removed).Select(static number => string.Create(CultureInfo.InvariantCulture, $"tag:{number}"))];

    private Action RemovalOfKeys(IMemoryPeer peer)
    {
        MemoryPeerCheck.LoadsAll(peer, _keys, _carried);
        return () => peer.Remove(_removedKeys);
    }

    private Action RemovalOfTags(ITaggedPeer peer)
    {
        MemoryPeerCheck.LoadsAll(peer, _keys, _carried);
        return () => peer.RemoveByTag(_removedTags);
    }

    private static double Time(Func<Action> prepare)
    {
        var remove = prepare();
        var start = Stopwatch.GetTimestamp();
        remove();
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / Removed;
    }

    private static double Bytes(Func<Action> prepare) => Rounds.Median(Enumerable.Range(0, Samples).Select(_ => MemoryUse.AllocatedByProcess(prepare()) / Removed));
}
