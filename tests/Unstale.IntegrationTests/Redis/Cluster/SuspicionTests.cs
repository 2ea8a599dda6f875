using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Cluster;

/// <summary>Reads of values loaded by other nodes, on a node that has recorded many invalidations.</summary>
public sealed class SuspicionTests : IAsyncLifetime
{
    private const int Values = 200;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private RedisCluster _cluster = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _cluster = await RedisCluster.StartAsync(0);
        for (var i = 0; i < 3; i++)
            _cluster.Add(o => o.RequestTimeout = Patience, log: o => o.StalenessBound = Patience); // a refused call causes a load
        await _cluster.TrustedAsync();
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Invalidations_of_other_keys_and_tags_cause_no_load_of_values_in_the_second_level()
    {
        await LoadAsync();
        await RaiseOthersAsync();
        var loads = _cluster.Truth.Loads;
        for (var i = 0; i < Values; i++)
            Assert.Equal(CacheOutcome.Remote, (await ReadAsync(_cluster[1], i)).Outcome);
        var reads = await Task.WhenAll(Enumerable.Range(0, Values).Select(i => Task.Run(() => ReadAsync(_cluster[2], i).AsTask())));
        Assert.All(reads, static r => Assert.Equal(CacheOutcome.Remote, r.Outcome));
        Assert.Equal(loads, _cluster.Truth.Loads);
        Assert.InRange(ConfirmedOf(_cluster[1]), Values / 10, Values / 2); // 150,000 marks of 2^20 places, twice: a quarter expected
        Assert.InRange(ConfirmedOf(_cluster[2]), 0, Values / 2); // none if a minute began, in which the reads of the other node confirm every value
    }

    [Fact]
    public async Task Values_whose_own_tag_was_invalidated_are_loaded_anew()
    {
        await LoadAsync();
        await RaiseOthersAsync();
        for (var i = 0; i < Values; i += 2)
        {
            _cluster.Truth.Commit($"k{i}", 0);
            await _cluster[0].Invalidator.InvalidateTagAsync($"t{i}", cancellationToken: Stop);
        }

        await _cluster.AgreedAsync();
        for (var i = 0; i < Values; i++)
        {
            var read = await ReadAsync(_cluster[1], i);
            Assert.Equal((1 - (i % 2), i % 2 == 0 ? CacheOutcome.Load : CacheOutcome.Remote), (read.Value, read.Outcome));
        }
    }

    private async Task LoadAsync()
    {
        for (var i = 0; i < Values; i++)
            await ReadAsync(_cluster[0], i);
        await Eventually.TrueAsync("all values are stored", async () =>
            (await _cluster.Server.RunAsync("KEYS", ServerFaults.Base + "v:shop:*")).Items.Length == Values);
    }

    /// <summary>Sets most marks, of keys and of tags.</summary>
    private async Task RaiseOthersAsync()
    {
        for (var i = 0; i < 150_000; i += 5_000)
        {
            var others = Enumerable.Range(i, 5_000).Select(static n => $"other{n}").ToArray();
            await _cluster[0].Invalidator.InvalidateAsync(others, others, cancellationToken: Stop);
            await _cluster.AgreedAsync(); // a node that lags behind the log begins anew, without marks
        }
    }

    /// <summary>Returns how many values the node confirmed with its log. It took all of them from the second level.</summary>
    private static long ConfirmedOf(RedisNode node)
    {
        var statistics = node.Cache.GetStatistics();
        Assert.Equal((Values, 0), (statistics.RemoteHits, statistics.RemoteRefused));
        return statistics.RemoteConfirmed;
    }

    private ValueTask<CacheResult<long>> ReadAsync(RedisNode node, int number) => node.ReadAsync($"k{number}", _cluster.Truth, $"t{number}");
}
