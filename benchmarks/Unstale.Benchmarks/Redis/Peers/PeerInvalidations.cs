using Unstale.Benchmarks.Redis.Nodes;

namespace Unstale.Benchmarks.Redis.Peers;

/// <summary>
/// Callers that each wait for their invalidation, while another node follows. The goals are for FusionCache with its defaults, where a caller does
/// not wait for the message. In a second line its callers wait for the message, as in Unstale.
/// </summary>
internal sealed class PeerInvalidations : IDisposable
{
    private const int Names = 1_000, Batch = 100, BatchCallers = 8;

    private static readonly string[] Keys = [.. Enumerable.Range(0, Names).Select(i => $"product:{i:D6}")];
    private static readonly string[] Tags = [.. Enumerable.Range(0, Names).Select(i => $"category:{i:D6}")];
    private static readonly string[] Many = [.. Keys.Take(Batch)];

    private readonly RedisScale _scale;
    private readonly ServerCounters _counters;
    private readonly UnstalePeer _unstale, _follower;
    private readonly FusionPeer _fusion, _fusionFollower, _awaiting, _awaitingFollower;
    private readonly HybridPeer _hybrid;

    private PeerInvalidations(PrivateRedis server, RedisScale scale)
    {
        _scale = scale;
        _counters = new(server);
        (_unstale, _follower) = (new(server), new(server));
        (_fusion, _fusionFollower) = (new(server, "invalidations"), new(server, "invalidations"));
        (_awaiting, _awaitingFollower) = (new(server, "awaiting", awaitsBackplane: true), new(server, "awaiting", awaitsBackplane: true));
        _hybrid = new(server);
        PeerCheck.Invalidates(_unstale, _fusion, _awaiting, _hybrid);
    }

    public static IEnumerable<PeerLine> Measure(PrivateRedis server, RedisScale scale)
    {
        using var measured = new PeerInvalidations(server, scale);
        foreach (var (callers, name, key, tag) in new[] { (1, "1 waiting caller", 1.2, 1.5), (64, "64 waiting callers", 2, 3) })
        {
            foreach (var line in measured.Singles($"invalidate a key, {name}", callers, static (peer, name) => peer.InvalidateKeyAsync(Keys[name]), key))
                yield return line;
            foreach (var line in measured.Singles($"invalidate a tag, {name}", callers, static (peer, name) => peer.InvalidateTagAsync(Tags[name]), tag))
                yield return line;
        }

        yield return measured.Batches(4);
    }

    public void Dispose()
    {
        IPeer[] peers = [_unstale, _follower, _fusion, _fusionFollower, _awaiting, _awaitingFollower];
        foreach (var peer in peers)
            peer.Dispose();
        _hybrid.Dispose();
        _counters.Dispose();
    }

    private IEnumerable<PeerLine> Singles(string title, int callers, Func<IPeer, int, ValueTask> invalidate, double goal)
    {
        IPeer[] peers = [_unstale, _fusion, _hybrid, _awaiting];
        var rates = Rates(callers, [.. peers.Select(peer => (Func<int, int, ValueTask>)((caller, turn) => invalidate(peer, (caller * 31 + turn) % Names)))]);
        yield return new(title, "/s", rates[0]) { FusionCache = rates[1], HybridCache = rates[2], Goal = goal };
        yield return new($"{title}, FusionCache awaiting its backplane", "/s", rates[0]) { FusionCache = rates[3] };
    }

    /// <summary>Measures batches. The other caches have no single step for many keys, so each is measured in the quicker of two ways.</summary>
    private PeerLine Batches(double goal)
    {
        var rates = Rates(
            BatchCallers,
            (_, _) => _unstale.InvalidateKeysAsync(Many),
            (_, _) => AtOnceAsync(_fusion),
            (_, _) => InTurnAsync(_fusion),
            (_, _) => AtOnceAsync(_hybrid),
            (_, _) => _hybrid.InvalidateKeysAsync(Many));
        return new($"keys invalidated in batches of {Batch}, {BatchCallers} waiting callers", "/s", rates[0] * Batch)
        {
            FusionCache = Math.Max(rates[1], rates[2]) * Batch,
            HybridCache = Math.Max(rates[3], rates[4]) * Batch,
            Goal = goal,
            Note = $"FusionCache: {Quicker(rates[1], rates[2], "one after the other")}; HybridCache: {Quicker(rates[3], rates[4], "RemoveAsync(keys)")}",
        };
    }

    private static string Quicker(double atOnce, double other, string name) => atOnce >= other
        ? $"{Batch} calls at once, {atOnce / other:0.0}x as quick as {name}"
        : $"{name}, {other / atOnce:0.0}x as quick as {Batch} calls at once";

    private static async ValueTask AtOnceAsync(IPeer peer) => await Task.WhenAll(Many.Select(key => peer.InvalidateKeyAsync(key).AsTask())).ConfigureAwait(false);

    private static async ValueTask InTurnAsync(FusionPeer peer)
    {
        foreach (var key in Many)
            await peer.InvalidateKeyAsync(key).ConfigureAwait(false);
    }

    /// <summary>
    /// Returns the rates. After each turn, untimed, waits for messages that are still being published, which would slow the next contender down.
    /// </summary>
    private double[] Rates(int callers, params Func<int, int, ValueTask>[] each) => _scale.Cluster.Medians([.. each.Select(invalidate => new Callers(callers, invalidate)).Select(contender => (Func<double>)(() =>
    {
        var rate = contender.PerSecond(_scale.Slice);
        _counters.WaitUntilQuiet();
        return rate;
    }))]);
}
