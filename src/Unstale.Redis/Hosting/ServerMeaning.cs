using System.Globalization;

namespace Unstale.Redis.Hosting;

/// <summary>Consequences of a server's settings for the guarantees of the caches.</summary>
/// <param name="Text">One line for the operator.</param>
/// <param name="IsWarning">Whether a setting should be changed.</param>
internal readonly record struct ServerMeaning(string Text, bool IsWarning)
{
    public static ServerMeaning Of(ServerFacts facts)
    {
        (string Text, bool IsWarning)[] parts = [Memory(facts), Persistence(facts), Replication(facts)];
        return new(string.Join(' ', parts.Select(static part => part.Text)), Array.Exists(parts, static part => part.IsWarning));
    }

    private static (string Text, bool IsWarning) Memory(ServerFacts facts) => (facts.MaximumMemory, facts.Eviction) switch
    {
        (0, _) => ("Memory: no maxmemory is set, so nothing is evicted and the machine is the limit.", false),
        (_, null) => ("Memory: what is evicted when it is full is unknown; it should be volatile-* (CONFIG GET maxmemory-policy).", false),
        (_, "noeviction") => (
            "Memory: noeviction refuses writes when it is full; invalidations then wait here and nobody is trusted. volatile-lfu makes room instead.", false),
        (_, "volatile-random" or ['a', 'l', 'l', 'k', 'e', 'y', 's', '-', ..]) => (
            $"Memory: {facts.Eviction} may evict the log itself, and every node then forgets all it holds, which is safe and slow. Set maxmemory-policy volatile-lfu.",
            true),
        _ => ($"Memory: {facts.Eviction} evicts cached values and leaves the log alone.", false),
    };

    /// <summary>
    /// Describes a restart. A restarted server begins a new generation regardless of data loaded from disk, because the server cannot determine its losses.
    /// </summary>
    private static (string Text, bool IsWarning) Persistence(ServerFacts facts) => facts.Persists switch
    {
        true => ("Restart: every node forgets all it holds, which is safe; the persistence that is switched on changes nothing of that and is not needed.", false),
        false => ("Restart: every node forgets all it holds, which is safe; nothing is persisted and need not be.", false),
        null => ("Restart: every node forgets all it holds, which is safe; whether anything is persisted is unknown and does not matter.", false),
    };

    private static (string Text, bool IsWarning) Replication(ServerFacts facts) => (facts.Replicas, facts.ReplicasToWrite) switch
    {
        (_, > 0 and var least) => (
            string.Create(CultureInfo.InvariantCulture, $"Failover: min-replicas-to-write is {least}, so a deposed master stops confirming by itself."), false),
        (0, _) => ("Failover: no replica is attached, so there is none.", false),
        (null, _) => ("Failover: whether replicas are attached is unknown; with replicas, min-replicas-to-write should be 1.", false),
        (_, null) => ("Failover: min-replicas-to-write is unknown; below 1, a deposed master may confirm what is stale for as long as clients reach it.", false),
        (var replicas, _) => (
            string.Create(CultureInfo.InvariantCulture, $"Failover: {replicas} {(replicas == 1 ? "replica" : "replicas")} and min-replicas-to-write 0, so a deposed master ")
                + "may confirm what is stale for as long as clients reach it. Set min-replicas-to-write 1.",
            true),
    };
}
