using Unstale.Benchmarks.Redis.Peers;

namespace Unstale.Benchmarks.InProcess.Peers;

/// <summary>
/// Stale reads caused by a load that began before a write and ends after the write's invalidation has returned. Signals order the steps, so the
/// share depends on the cache alone.
/// </summary>
internal static class StalePeers
{
    private const int Trials = 20;
    private const string Before = "the value before the write", After = Keys.Value;

    private static readonly (string Name, Action<ITaggedPeer, string, string> Invalidate)[] Writes =
    [
        ("remove by key", static (peer, key, _) => peer.Remove([key])),
        ("remove by tag", static (peer, _, tag) => peer.RemoveByTag([tag])),
        ("set", static (peer, key, tag) => peer.Set([key], [[tag]])),
    ];

    public static IEnumerable<PeerLine> Measure()
    {
        using var ours = MemoryPeers.InPlaceOfHybridCache();
        using var fusion = MemoryPeers.FusionCache();
        using var hybrid = MemoryPeers.HybridCache();
        foreach (var (name, invalidate) in Writes)
        {
            foreach (var isDuring in new[] { true, false })
            {
                var title = isDuring ? $"{name} during a load, then a read during the load, stale" : $"{name} during a load, then a read after the load, stale";
                yield return new(title, "%", Share(ours)) { FusionCache = Share(fusion), HybridCache = Share(hybrid) };

                double Share(ITaggedPeer peer) =>
                    100.0 * Enumerable.Range(0, Trials).Count(trial => IsStaleAsync(peer, $"{title}:{trial}", invalidate, isDuring).GetAwaiter().GetResult()) / Trials;
            }
        }
    }

    /// <summary>Runs one trial. True if a read that began after the invalidation returned the value from before the write.</summary>
    private static async Task<bool> IsStaleAsync(ITaggedPeer peer, string key, Action<ITaggedPeer, string, string> invalidate, bool isDuring)
    {
        var tag = $"tag of {key}";
        var source = Before;
        var hasRead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var mayEnd = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var load = peer.Read(key, [tag], async () =>
        {
            var value = source;
            hasRead.SetResult();
            await mayEnd.Task;
            return value;
        })();
        await hasRead.Task;
        source = After;
        invalidate(peer, key, tag);
        var reread = peer.Read(key, [tag], () => Task.FromResult(source));
        var read = isDuring ? reread().AsTask() : null;
        mayEnd.SetResult();
        await load;
        return await (read ?? reread().AsTask()) == Before;
    }
}
