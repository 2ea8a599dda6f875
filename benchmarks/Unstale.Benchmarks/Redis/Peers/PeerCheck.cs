using Unstale.Benchmarks.Measuring;
using Unstale.Benchmarks.Redis.Values;

namespace Unstale.Benchmarks.Redis.Peers;

/// <summary>Makes sure that a peer does the work before its speed is measured.</summary>
internal static class PeerCheck
{
    private const string Key = "checked:1", Tag = "checked";

    /// <exception cref="InvalidOperationException">A value cannot be read, or can be after it was invalidated.</exception>
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
        peer.Fill([Key], "a value", static _ => [Tag]);
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
