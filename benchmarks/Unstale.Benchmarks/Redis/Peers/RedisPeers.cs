namespace Unstale.Benchmarks.Redis.Peers;

/// <summary>Measurements that the other caches have too, all in one run on one private server.</summary>
internal static class RedisPeers
{
    /// <summary>Enumerates lazily, so each line is printed right after the measurement.</summary>
    public static IEnumerable<PeerLine> Measure(RedisScale scale)
    {
        using var server = new PrivateRedis();
        Func<PrivateRedis, RedisScale, IEnumerable<PeerLine>>[] all = [PeerReads.Measure, PeerPropagation.Measure, PeerInvalidations.Measure];
        foreach (var measure in all)
        {
            foreach (var line in measure(server, scale))
                yield return line;
        }
    }
}
