using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Cluster;

/// <summary>Propagation of each operation from one of three nodes to the others.</summary>
public sealed class PropagationTests : IAsyncLifetime
{
    private RedisCluster _cluster = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await RedisCluster.StartAsync(3);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    public static TheoryData<string> Ways => ["key", "tag", "glob", "regex", "everything", "change"];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_value_invalidated_on_one_node_is_served_by_no_node_and_no_second_level(string way)
    {
        await _cluster.HoldsEverywhereAsync("a:1", "t", "a:1");
        await _cluster.HoldsEverywhereAsync("b:1", "other");
        _cluster.Truth.Commit("a:1", 0);
        await InvalidateAsync(_cluster[0].Invalidator, way);

        Assert.False(_cluster[0].Holds("a:1"));
        foreach (var node in _cluster.Nodes)
        {
            await Eventually.TrueAsync($"{node.ClientName} let go of it", () => Task.FromResult(!node.Holds("a:1")));
            Assert.Equal(1, (await node.ReadAsync("a:1", _cluster.Truth, "t", "a:1")).Value);
            Assert.Equal(way != "everything", node.Holds("b:1"));
        }
    }

    [Fact]
    public async Task A_value_set_on_one_node_is_read_by_the_others_without_a_load()
    {
        await _cluster.HoldsEverywhereAsync("k");
        var loads = _cluster.Truth.Loads;
        await _cluster[0].Cache.SetAsync("k", 42L, cancellationToken: Stop);
        foreach (var node in _cluster.Nodes)
        {
            await Eventually.TrueAsync($"{node.ClientName} gives what was set", async () => (await node.ReadAsync("k", _cluster.Truth)).Value == 42);
        }

        Assert.Equal(loads, _cluster.Truth.Loads);
    }

    [Fact]
    public async Task A_hundred_concurrent_reads_of_a_cold_key_on_three_nodes_are_one_factory_call()
    {
        // A caller that waits two seconds for another's lease loads the value itself: an attempt drawn out by a busy machine shows nothing.
        var attempt = 1;
        var (loads, outcomes, time) = await ReadColdAsync(attempt);
        while (time > TimeSpan.FromSeconds(1) && attempt++ < 10)
            (loads, outcomes, time) = await ReadColdAsync(attempt);

        Assert.Equal(1, loads);
        Assert.Equal(1, outcomes.Count(static o => o == CacheOutcome.Load));
        var loading = Array.IndexOf(outcomes, CacheOutcome.Load) % 3;
        for (var i = 0; i < outcomes.Length; i++)
            Assert.Contains(outcomes[i], i % 3 == loading ? [CacheOutcome.Load, CacheOutcome.Joined, CacheOutcome.Memory] : (CacheOutcome[])[CacheOutcome.Remote, CacheOutcome.Memory]);

        foreach (var node in new[] { 0, 1, 2 }.Where(node => node != loading))
            Assert.Contains(CacheOutcome.Remote, outcomes.Where((_, i) => i % 3 == node));
    }

    private async Task<(int Loads, CacheOutcome[] Outcomes, TimeSpan Time)> ReadColdAsync(int attempt)
    {
        var (key, before, began) = ($"cold{attempt}", _cluster.Truth.Loads, TimeProvider.System.GetTimestamp());
        var let = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _cluster.Truth.Meanwhile = async token => await let.Task.WaitAsync(token);
        var reads = Enumerable.Range(0, 100).Select(i => Task.Run(async () => await _cluster[i % 3].ReadAsync(key, _cluster.Truth, "t"))).ToArray();
        await Eventually.TrueAsync("the factory runs, and others look for what it will bring", async () =>
            _cluster.Truth.Loads > before && (await _cluster.Server.RunAsync("EXISTS", $"{ServerFaults.Base}l:shop:{key}")).Integer == 1);
        let.SetResult();
        var results = await Task.WhenAll(reads);
        Assert.All(results, static r => Assert.Equal(0, r.Value));
        return (_cluster.Truth.Loads - before, [.. results.Select(static r => r.Outcome)], TimeProvider.System.GetElapsedTime(began));
    }

    [Fact]
    public async Task A_node_that_dies_while_it_loads_delays_the_others_until_its_lease_has_ended()
    {
        var dies = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _cluster.Truth.Meanwhile = async token => await dies.Task.WaitAsync(token);
        var first = _cluster[0].ReadAsync("k", _cluster.Truth).AsTask();
        await Eventually.TrueAsync("the lease is taken", async () => (await _cluster.Server.RunAsync("EXISTS", ServerFaults.Base + "l:shop:k")).Integer == 1);
        _cluster.Relay(_cluster[0]).Cut();
        _cluster.Truth.Meanwhile = null;
        var begin = TimeProvider.System.GetTimestamp();
        var results = await Task.WhenAll(_cluster.Nodes.Skip(1).Select(n => n.ReadAsync("k", _cluster.Truth).AsTask()));

        Assert.All(results, static r => Assert.Equal(0, r.Value));
        Assert.Contains(results, static r => r.Outcome == CacheOutcome.Load);
        Assert.InRange(TimeProvider.System.GetElapsedTime(begin).TotalSeconds, 1.5, 8); // a lease lasts five seconds without its holder
        dies.SetResult();
        Assert.Equal(0, (await first).Value);
        Assert.All(_cluster.Nodes.Skip(1), static n => Assert.True(n.Holds("k")));
    }

    [Fact]
    public async Task No_node_serves_an_older_value_after_WaitForAllNodes()
    {
        for (var i = 0; i < 20; i++)
        {
            await _cluster.HoldsEverywhereAsync("k");
            _cluster.Truth.Commit("k", i % 3);
            var receipt = await _cluster[i % 3].Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
            await receipt.WaitForAllNodesAsync(Stop);
            Assert.DoesNotContain(_cluster.Nodes, static n => n.Holds("k"));
        }
    }

    [Fact]
    public async Task A_reader_that_waits_until_its_node_has_caught_up_reads_the_write_there()
    {
        for (var i = 0; i < 100; i++)
        {
            var (writer, reader) = (_cluster[i % 3], _cluster[(i + 1) % 3]);
            await _cluster.HoldsAsync(reader, "k");
            _cluster.Truth.Commit("k", writer.Number);
            var receipt = await writer.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
            Assert.Equal(PositionStatus.Reached, await reader.Cache.WaitForPositionAsync(receipt.Positions, cancellationToken: Stop));
            Assert.Equal(i + 1, (await reader.ReadAsync("k", _cluster.Truth)).Value);
        }
    }

    private static ValueTask<InvalidationReceipt> InvalidateAsync(IInvalidator invalidator, string way) => way switch
    {
        "key" => invalidator.InvalidateKeyAsync("a:1"),
        "tag" => invalidator.InvalidateTagAsync("t"),
        "glob" => invalidator.InvalidatePatternAsync(new GlobPattern("a:*")),
        "regex" => invalidator.InvalidatePatternAsync(new RegexPattern("^a:[0-9]$")),
        "everything" => invalidator.InvalidateEverythingAsync(),
        _ => invalidator.ChangedAsync("a", 1, scope: ChangeScope.Entity),
    };
}
