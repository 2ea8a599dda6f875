using System.Globalization;

namespace Unstale.Redis.Hosting;

/// <summary>Consequences of a server's settings for the guarantees of the caches.</summary>
/// <param name="Text">One line for the operator.</param>
/// <param name="IsWarning">Whether a setting should be changed.</param>
internal readonly record struct ServerAdvice(string Text, bool IsWarning)
{
    public static ServerAdvice For(ServerConfiguration facts)
    {
        (string Text, bool IsWarning)[] parts = [Memory(facts), Persistence(facts), Replication(facts)];
        return new(string.Join(' ', parts.Select(static part => part.Text)), Array.Exists(parts, static part => part.IsWarning));
    }

    private static (string Text, bool IsWarning) Memory(ServerConfiguration facts) => (facts.MaximumMemory, facts.Eviction) switch
    {
        (0, _) => ("Memory: no maxmemory is set, so nothing is evicted and the machine is the limit.", false),
        (_, null) => ("Memory: the eviction policy is unknown; it should be volatile-* (CONFIG GET maxmemory-policy).", false),
        (_, "noeviction") => (
            "Memory: noeviction refuses writes when the memory is full; invalidations are then queued and no node is trusted. volatile-lfu evicts cached values instead.", false),
        (_, "volatile-random" or ['a', 'l', 'l', 'k', 'e', 'y', 's', '-', ..]) => (
            $"Memory: {facts.Eviction} may evict the log itself, and every node is then reset, which is safe but slow. Set maxmemory-policy volatile-lfu.",
            true),
        _ => ($"Memory: {facts.Eviction} evicts cached values and leaves the log alone.", false),
    };

    /// <summary>
    /// Describes a restart. A restarted server begins a new generation regardless of data loaded from disk, because the server cannot determine its losses.
    /// </summary>
    private static (string Text, bool IsWarning) Persistence(ServerConfiguration facts) => facts.Persists switch
    {
        true => ("Restart: every node is reset, which is safe; persistence is enabled, but has no effect on the reset and is not needed.", false),
        false => ("Restart: every node is reset, which is safe; persistence is disabled and not needed.", false),
        null => ("Restart: every node is reset, which is safe; whether persistence is enabled is unknown and does not matter.", false),
    };

    private static (string Text, bool IsWarning) Replication(ServerConfiguration facts) => (facts.Replicas, facts.ReplicasToWrite) switch
    {
        (_, > 0 and var least) => (
            string.Create(CultureInfo.InvariantCulture, $"Failover: min-replicas-to-write is {least}, so a deposed master stops confirming nodes by itself."), false),
        (0, _) => ("Failover: no replica is attached, so a failover is not possible.", false),
        (null, _) => ("Failover: whether replicas are attached is unknown; with replicas, min-replicas-to-write should be 1.", false),
        (_, null) => ("Failover: min-replicas-to-write is unknown; below 1, a deposed master may confirm stale values for as long as clients reach it.", false),
        (var replicas, _) => (
            string.Create(CultureInfo.InvariantCulture, $"Failover: {replicas} {(replicas == 1 ? "replica" : "replicas")} and min-replicas-to-write 0, so a deposed master ")
                + "may confirm stale values for as long as clients reach it. Set min-replicas-to-write 1.",
            true),
    };
}
