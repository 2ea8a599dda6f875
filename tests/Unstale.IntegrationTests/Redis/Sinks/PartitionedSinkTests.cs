using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Unstale.IntegrationTests.Redis.Partitions;
using Unstale.IntegrationTests.Support;
using Unstale.Sinks;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Sinks;

/// <summary>Targets of two processes over a log of four partitions.</summary>
public sealed class PartitionedSinkTests : IAsyncLifetime
{
    private const int Partitions = 4;

    /// <summary>Word that marks the start of each process at a target.</summary>
    private const string Started = "tag started";

    private RedisServer _server = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await RedisServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_tag_reaches_the_sinks_of_both_nodes_once_and_the_keys_of_every_partition_arrive()
    {
        var (one, two) = (new ConcurrentQueue<string>(), new ConcurrentQueue<string>());
        await using var first = await NodeAsync(one);
        await using var second = await NodeAsync(two);
        var keys = PartitionedLog.KeyOfEach(Partitions);
        var invalidator = first.GetRequiredService<IInvalidator>();
        await invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        foreach (var key in keys)
            await invalidator.InvalidateKeyAsync(key, cancellationToken: Stop);
        await invalidator.InvalidatePatternAsync(new GlobPattern("x:*"), cancellationToken: Stop);
        await invalidator.InvalidateAsync(keys.Select(static key => key + ":other"), ["u"], cancellationToken: Stop);
        var last = PartitionedLog.KeyOfEach(Partitions, "last");
        foreach (var key in last)
            await invalidator.InvalidateKeyAsync(key, cancellationToken: Stop);
        string[] named = [.. keys, .. keys.Select(static key => key + ":other"), .. last];
        string[] expected = ["glob x:*", "tag t", "tag u", .. named.Select(static key => "key " + key)];
        foreach (var received in new[] { one, two })
        {
            await Eventually.TrueAsync("the last key of every partition arrives", () => Task.FromResult(last.All(key => received.Contains("key " + key))));
            Assert.Equal(expected.Order(StringComparer.Ordinal), received.Where(static word => word != Started).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task A_server_without_its_data_is_everything_for_a_sink_and_later_keys_of_every_partition_arrive()
    {
        var received = new ConcurrentQueue<string>();
        await using var node = await NodeAsync(received);
        var cache = node.GetRequiredService<UnstaleCache>();
        var before = cache.GetLogState().Positions;
        await _server.RunAsync("FLUSHALL");
        await Eventually.TrueAsync("every partition has a new history", () => Task.FromResult(HasNewHistories(cache, before)));
        await Eventually.TrueAsync("the target forgets everything once more", () => Task.FromResult(received.Contains("everything")));
        foreach (var key in PartitionedLog.KeyOfEach(Partitions))
        {
            await node.GetRequiredService<IInvalidator>().InvalidateKeyAsync(key, cancellationToken: Stop);
            await Eventually.TrueAsync("the key arrives", () => Task.FromResult(received.Contains("key " + key)));
        }
    }

    private static bool HasNewHistories(UnstaleCache cache, LogPositions before)
    {
        var now = cache.GetLogState();
        return now.IsTrusted && now.Positions.Count == Partitions && !now.Positions.Select(static p => p.Generation).Intersect(before.Select(static p => p.Generation)).Any();
    }

    /// <summary>Starts a process that follows every partition, with a target that has forgotten everything before.</summary>
    private async Task<ServiceProvider> NodeAsync(ConcurrentQueue<string> received)
    {
        var services = new ServiceCollection().AddLogging();
        services.AddUnstale(static o => o.RecordDependencies = false).UseRedis(o =>
        {
            o.Configuration = _server.EndPoint.ToString();
            o.Partitions = Partitions;
        }).AddSink("heard", (invalidation, _) =>
        {
            foreach (var word in Words(invalidation))
                received.Enqueue(word);
            return ValueTask.CompletedTask;
        });
        var provider = services.BuildServiceProvider();
        var cache = provider.GetRequiredService<UnstaleCache>();
        await Eventually.TrueAsync("every partition is trusted", () => Task.FromResult(cache.GetLogState().IsTrusted));
        await Eventually.TrueAsync("the target forgets everything first", () => Task.FromResult(!received.IsEmpty));

        // One more "everything" for each partition may follow.
        await provider.GetRequiredService<IInvalidator>().InvalidateTagAsync("started", cancellationToken: Stop);
        await Eventually.TrueAsync("the target is told what follows", () => Task.FromResult(received.Contains(Started)));
        received.Clear();
        return provider;
    }

    private static IEnumerable<string> Words(SinkInvalidation invalidation) => invalidation.IsEverything
        ? ["everything"]
        : [.. invalidation.Keys.Select(static key => "key " + key), .. invalidation.Tags.Select(static tag => "tag " + tag), .. invalidation.Patterns.Select(static pattern => "glob " + pattern.Text)];
}
