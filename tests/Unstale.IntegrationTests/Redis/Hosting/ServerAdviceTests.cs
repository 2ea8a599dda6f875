using Unstale.Redis.Hosting;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Hosting;

/// <summary>Description of a server's settings, sentence by sentence.</summary>
public sealed class ServerAdviceTests
{
    private static readonly ServerConfiguration Plain = new(0, "noeviction", Persists: false, Replicas: 0, ReplicasToWrite: 0);

    [Fact]
    public void The_configuration_of_a_plain_server_is_described_in_one_line() => Assert.Equal(
        new ServerAdvice(
            "Memory: no maxmemory is set, so nothing is evicted and the machine is the limit. "
            + "Restart: every node is reset, which is safe; persistence is disabled and not needed. "
            + "Failover: no replica is attached, so a failover is not possible.",
            IsWarning: false),
        ServerAdvice.For(Plain));

    [Theory]
    [InlineData(1L, "volatile-lfu", "Memory: volatile-lfu evicts cached values and leaves the log alone.", false)]
    [InlineData(1L, "allkeys-lru", "Memory: allkeys-lru may evict the log itself, and every node is then reset, which is safe but slow. Set maxmemory-policy volatile-lfu.", true)]
    [InlineData(1L, "volatile-random", "Memory: volatile-random may evict the log itself, and every node is then reset, which is safe but slow. Set maxmemory-policy volatile-lfu.", true)]
    [InlineData(1L, "noeviction", "Memory: noeviction refuses writes when the memory is full; invalidations are then queued and no node is trusted. volatile-lfu evicts cached values instead.", false)]
    [InlineData(0L, "allkeys-lru", "Memory: no maxmemory is set, so nothing is evicted and the machine is the limit.", false)]
    [InlineData(null, "allkeys-random", "Memory: allkeys-random may evict the log itself, and every node is then reset, which is safe but slow. Set maxmemory-policy volatile-lfu.", true)]
    [InlineData(null, null, "Memory: the eviction policy is unknown; it should be volatile-* (CONFIG GET maxmemory-policy).", false)]
    public void The_line_about_memory_describes_evictions_and_warns_if_the_log_may_be_evicted(long? maximum, string? policy, string sentence, bool warns) =>
        Says(Plain with { MaximumMemory = maximum, Eviction = policy }, sentence, warns);

    [Theory]
    [InlineData(true, "Restart: every node is reset, which is safe; persistence is enabled, but has no effect on the reset and is not needed.")]
    [InlineData(false, "Restart: every node is reset, which is safe; persistence is disabled and not needed.")]
    [InlineData(null, "Restart: every node is reset, which is safe; whether persistence is enabled is unknown and does not matter.")]
    public void The_line_about_restarts_reports_a_reset_of_every_node_with_any_persistence(bool? persists, string sentence) => Says(Plain with { Persists = persists }, sentence, warns: false);

    [Theory]
    [InlineData(0, 0, "Failover: no replica is attached, so a failover is not possible.", false)]
    [InlineData(0, null, "Failover: no replica is attached, so a failover is not possible.", false)]
    [InlineData(2, 1, "Failover: min-replicas-to-write is 1, so a deposed master stops confirming nodes by itself.", false)]
    [InlineData(null, 1, "Failover: min-replicas-to-write is 1, so a deposed master stops confirming nodes by itself.", false)]
    [InlineData(1, 0, "Failover: 1 replica and min-replicas-to-write 0, so a deposed master may confirm stale values for as long as clients reach it. Set min-replicas-to-write 1.", true)]
    [InlineData(2, 0, "Failover: 2 replicas and min-replicas-to-write 0, so a deposed master may confirm stale values for as long as clients reach it. Set min-replicas-to-write 1.", true)]
    [InlineData(2, null, "Failover: min-replicas-to-write is unknown; below 1, a deposed master may confirm stale values for as long as clients reach it.", false)]
    [InlineData(null, null, "Failover: whether replicas are attached is unknown; with replicas, min-replicas-to-write should be 1.", false)]
    public void The_line_about_failovers_warns_of_a_deposed_master_that_may_confirm_stale_values(int? replicas, int? least, string sentence, bool warns) =>
        Says(Plain with { Replicas = replicas, ReplicasToWrite = least }, sentence, warns);

    [Theory]
    [InlineData("yes", "", true)]
    [InlineData("no", "3600 1", true)]
    [InlineData("no", "", false)]
    [InlineData(null, "3600 1", true)]
    [InlineData(null, "", null)]
    [InlineData("no", null, null)]
    public void Facts_are_read_from_settings_and_from_INFO(string? appendOnly, string? save, bool? persists)
    {
        var settings = new Dictionary<string, string?>
        {
            ["maxmemory"] = "104857600", ["maxmemory-policy"] = "allkeys-lru", ["appendonly"] = appendOnly, ["save"] = save, ["min-replicas-to-write"] = "1",
        };
        Assert.Equal(
            new ServerConfiguration(104_857_600, "allkeys-lru", persists, 2, 1),
            ServerConfiguration.Parse(settings.GetValueOrDefault, "# Replication\r\nrole:master\r\nconnected_slaves:2\r\n"));
        Assert.Equal(new ServerConfiguration(null, null, null, null, null), ServerConfiguration.Parse(static _ => null, null));
    }

    private static void Says(ServerConfiguration facts, string sentence, bool warns)
    {
        var meaning = ServerAdvice.For(facts);
        Assert.Contains(sentence, meaning.Text, StringComparison.Ordinal);
        Assert.Equal(warns, meaning.IsWarning);
    }
}
