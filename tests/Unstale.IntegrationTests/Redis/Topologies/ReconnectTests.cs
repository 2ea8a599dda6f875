using System.Globalization;
using Unstale.IntegrationTests.Redis.Cluster;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Topologies;

/// <summary>Connections lost while the server is up: established again at once, even if lost repeatedly.</summary>
[Collection<AloneCollection>]
public sealed class ReconnectTests
{
    private const int Trials = 15;

    /// <summary>Limit of the median; a busy machine may delay one trial.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Worst = TimeSpan.FromMilliseconds(1000);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(1);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("resp3", 300, 1)]
    [InlineData("resp3", 30, 1)]
    [InlineData("resp2", 100, 1)]
    [InlineData("resp3", 100, 10)]
    [InlineData("resp2", 100, 10)]
    public async Task Connections_that_are_killed_again_and_again_are_fresh_within_50_ms(string protocol, int pause, int kills)
    {
        await using var server = await RedisServer.StartAsync();
        await using var nodes = await TopologyNodes.StartAsync($"127.0.0.1:{server.Port},protocol={protocol}");
        await nodes.AgreedAsync();
        var times = new List<TimeSpan>();
        for (var trial = 0; trial < Trials; trial++)
        {
            await Load.RunsAsync(pause);
            await nodes.HoldsEverywhereAsync("k");
            for (var kill = 0; kill < kills; kill++)
            {
                await Load.RunsAsync(5 * Math.Min(kill, 1)); // the next kill hits during the reconnection
                await server.ExecuteAsync("CLIENT", "KILL", "TYPE", "normal");
                await server.ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
            }

            var begin = TimeProvider.System.GetTimestamp();
            nodes.Truth.Commit("k", trial % 3);
            await InvalidateAsync(nodes[trial % 3]);
            while (nodes.Nodes.Any(static n => n.Holds("k") || !n.IsTrusted))
                await Task.Delay(Pace, TimeProvider.System, Stop);
            times.Add(TimeProvider.System.GetElapsedTime(begin));
        }

        times.Sort();
        var all = string.Join(' ', times.Select(static t => t.TotalMilliseconds.ToString("F0", CultureInfo.InvariantCulture)));
        TestContext.Current.TestOutputHelper?.WriteLine($"{protocol}, {kills} kills every {pause} ms: fresh after {all} ms");
        Assert.True(times[Trials / 2] <= Soon, $"Half of the trials took longer than {Soon.TotalMilliseconds} ms: {all}");
        Assert.True(times[^1] <= Worst, $"A trial took longer than {Worst.TotalMilliseconds} ms: {all}");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    public async Task Connections_silently_lost_by_the_network_are_replaced_after_two_time_outs(int outageBefore)
    {
        await using var server = await RedisServer.StartAsync();
        await using var nodes = await TopologyNodes.StartAsync($"127.0.0.1:{server.Port}");
        await nodes.CutOff(outageBefore).HitAsync();
        await Load.RunsAsync(500);
        await nodes.AgreedAsync();
        await nodes.Strand.HitAsync();
        var begin = TimeProvider.System.GetTimestamp();
        await InvalidateAsync(nodes[0]);
        await nodes.TrustedAsync();
        var took = TimeProvider.System.GetElapsedTime(begin);
        TestContext.Current.TestOutputHelper?.WriteLine($"fresh after {took.TotalMilliseconds:F0} ms");

        // The client by itself needs four time-outs of a second.
        Assert.InRange(took.TotalSeconds, 0, 3.5);
    }

    /// <summary>Invalidates a key and waits until the log has applied the record, regardless of the number of calls.</summary>
    private static async Task InvalidateAsync(RedisNode node)
    {
        var receipt = await node.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        while (receipt.State != ReceiptState.Applied)
            await Task.Delay(Pace, TimeProvider.System, Stop);
    }
}
