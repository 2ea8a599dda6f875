using Unstale.Benchmarks.Measuring;
using Unstale.Benchmarks.Redis.Values;

namespace Unstale.Benchmarks.Redis.Peers;

/// <summary>Check that a peer does the work before its speed is measured.</summary>
internal static class PeerCheck
{
    private const string Key = "checked:1", Tag = "checked";

    /// <exception cref="InvalidOperationException">Fewer commands than reads reached the server: some were served from memory.</exception>
    public static void ReadsFromRedis(ServerCounters counters, IReadOnlyList<string> keys, params ReadOnlySpan<IPeer> peers)
    {
        foreach (var peer in peers)
        {
            var before = counters.Processed();

            // Twice: the first read may load the value into memory.
            for (var read = 0; read < 2 * keys.Count; read++)
                peer.ReadAsync(keys[read % keys.Count]).Wait();
            if (counters.Processed() - before < 2 * keys.Count)
                throw new InvalidOperationException($"{peer.GetType().Name} does not read from Redis.");
        }
    }

    /// <exception cref="InvalidOperationException">A value can be read after its invalidation.</exception>
    public static void Invalidates(params ReadOnlySpan<IPeer> peers)
    {
        foreach (var peer in peers)
        {
            Gone(peer, () => peer.InvalidateKeyAsync(Key));
            Gone(peer, () => peer.InvalidateTagAsync(Tag));
        }
    }

    private static void Gone(IPeer peer, Func<ValueTask> invalidate)
    {
        peer.Load([Key], "a value", static _ => [Tag]);
        peer.ReadAsync(Key).Wait();
        invalidate().Wait();
        try
        {
            peer.ReadAsync(Key).Wait();
        }
        catch (NotInRedisException)
        {
            return;
        }

        throw new InvalidOperationException($"{peer.GetType().Name} still reads what it has invalidated.");
    }
}
