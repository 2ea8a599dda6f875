using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Sinks;

/// <summary>Targets of two processes over one Redis.</summary>
public sealed class SinkTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<string> _one = [];
    private readonly ConcurrentQueue<string> _two = [];
    private RedisServer _server = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await RedisServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Sinks_of_both_nodes_receive_the_records_of_both_in_the_same_order()
    {
        await using var one = await NodeAsync(_one);
        await using var two = await NodeAsync(_two);
        await Task.WhenAll(RaiseAsync(one, "a", 200), RaiseAsync(two, "b", 200));
        await Eventually.TrueAsync("both targets hear everything", () => Task.FromResult(_one.Count == 401 && _two.Count == 401));
        Assert.Equal(_one, _two);
        Assert.Equal(Enumerable.Range(0, 200).Select(static i => $"a{i}"), _one.Where(static key => key.StartsWith('a')));
        Assert.Equal("everything", _one.First());
    }

    [Fact]
    public async Task A_pattern_removes_the_matching_keys_from_a_memory_cache_of_another_node()
    {
        await using var one = await NodeAsync(_one);
        await using var two = await NodeAsync(_two);
        var memory = two.GetRequiredService<IMemoryCache>();
        memory.Set("user:1:name", "old");
        memory.Set("product:1", "kept");
        await one.GetRequiredService<IInvalidator>().InvalidatePatternAsync(new GlobPattern("user:1:*"), cancellationToken: Stop);
        await Eventually.TrueAsync("the other node's memory forgot it", () => Task.FromResult(!memory.TryGetValue("user:1:name", out _)));
        Assert.True(memory.TryGetValue("product:1", out _));
    }

    [Fact]
    public async Task A_server_without_its_data_is_everything_for_every_sink()
    {
        await using var one = await NodeAsync(_one);
        await using var two = await NodeAsync(_two);
        await _server.RunAsync("FLUSHALL");
        await Eventually.TrueAsync("both targets forget everything once more", () => Task.FromResult(Times(_one) >= 2 && Times(_two) >= 2));
        await RaiseAsync(two, "after", 1);
        await Eventually.TrueAsync("and hear what follows", () => Task.FromResult(_one.Last() == "after0" && _two.Last() == "after0"));
    }

    private static int Times(ConcurrentQueue<string> received) => received.Count(static word => word == "everything");

    private static async Task RaiseAsync(ServiceProvider node, string name, int count)
    {
        var invalidator = node.GetRequiredService<IInvalidator>();
        for (var i = 0; i < count; i++)
            await invalidator.InvalidateKeyAsync($"{name}{i}", cancellationToken: Stop);
    }

    /// <summary>Starts a process and waits until its targets were notified that the node has a position in the log.</summary>
    private async Task<ServiceProvider> NodeAsync(ConcurrentQueue<string> received)
    {
        var services = new ServiceCollection().AddLogging().AddMemoryCache();
        services.AddUnstale().UseRedis(_server.EndPoint.ToString()).AddMemoryCacheSink().AddSink("heard", (invalidation, _) =>
        {
            foreach (var word in invalidation.IsEverything ? ["everything"] : invalidation.Keys)
                received.Enqueue(word);
            return ValueTask.CompletedTask;
        });
        var provider = services.BuildServiceProvider();
        var memory = provider.GetRequiredService<IMemoryCache>();
        memory.Set("before", "the start");
        _ = provider.GetRequiredService<UnstaleCache>();
        await Eventually.TrueAsync("its targets are told everything first", () => Task.FromResult(received.Count == 1 && !memory.TryGetValue("before", out _)));
        return provider;
    }
}
