using System.Text;
using Unstale.IntegrationTests.Support;
using Unstale.Redis.Scripts;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Cluster;

/// <summary>Newer version of the library on the same log.</summary>
public sealed class LaterFormatTests : IAsyncLifetime
{
    private RedisCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await RedisCluster.StartAsync(2);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Theory]
    [InlineData(0, "UNS2")]
    [InlineData(56, "9")]
    [InlineData(57, "3")]
    public async Task A_value_of_a_later_format_is_loaded_anew_and_logged_once(int offset, string bytes)
    {
        for (var i = 0; i < 2; i++)
        {
            var key = $"k{i}";
            await _cluster.HoldsAsync(_cluster[0], key);
            await Eventually.TrueAsync("the value is on the server", async () => (await _cluster.Server.RunAsync("SETRANGE", ServerFaults.Base + "v:shop:" + key, $"{offset}", bytes)).Integer > 90);
            Assert.Equal(CacheOutcome.Load, (await _cluster[1].ReadAsync(key, _cluster.Truth)).Outcome);
        }

        Assert.Equal(1, _cluster[1].Times("a stored value cannot be read"));
    }

    [Theory]
    [InlineData("f", "2", "key", "elsewhere")]
    [InlineData("f", "1", "nebula", "elsewhere")]
    [InlineData("f", "1", "regex", "(unclosed")]
    [InlineData("f", "1", "allof", "no list")]
    [InlineData("f", "1", "how", "later", "key", "elsewhere")]
    [InlineData("f", "1", "who", "knows", "key", "elsewhere")]
    public async Task A_record_of_a_later_format_or_kind_is_applied_as_everything_on_all_nodes_and_logged_once(params string[] pairs)
    {
        for (var i = 0; i < 2; i++)
        {
            await _cluster.HoldsEverywhereAsync("k", "t");
            await AppendAsync($"000000000000000{i + 1}", pairs);
            foreach (var node in _cluster.Nodes)
                await Eventually.TrueAsync($"{node.ClientName} forgot all", () => Task.FromResult(!node.Holds("k")));
        }

        await _cluster.AgreedAsync();
        Assert.All(_cluster.Nodes, static n => Assert.Equal(1, n.Times("counts as everything")));
        Assert.DoesNotContain(_cluster.Nodes, static n => n.Says("the history was broken"));
    }

    private async Task AppendAsync(string id, params string[] formatAndTarget)
    {
        await using var connection = await RawConnection.ConnectAsync(_cluster.Server.EndPoint);
        string[] strings = [.. formatAndTarget[..2], "id", id, "at", "1", "by", "later shop", .. formatAndTarget[2..]];
        var keys = new RedisKeys("unstale", "log", 0);
        var caches = (await connection.RunAsync("HGET", keys.Control, "caches")).Text();
        string[] values = formatAndTarget[^2] == "key" ? [.. caches.Split(' ').SelectMany(cache => new[] { $"{keys.Values}{cache}:{strings[^1]}", $"{keys.Leases}{cache}:{strings[^1]}" })] : [];
        using var command = RedisScripts.Append.Command(7 + values.Length);
        foreach (var key in (string[])[keys.Control, keys.Tags0, keys.Tags1, keys.Log, keys.Versions0, keys.Versions1, keys.Sweep, .. values])
            command.Key(key);
        command.Arg("").Arg("PUBLISH").Arg(keys.Channel).Arg(new string('0', 31) + "1").Arg(1000).Arg(8192).Arg(caches).Arg(1).Arg(strings.Length - 2).Arg(2);
        foreach (var text in strings)
            command.Arg(Encoding.UTF8.GetBytes(text));
        Assert.Equal(3, (await connection.CallWithSourceAsync(command)).Items.Length);
    }
}
