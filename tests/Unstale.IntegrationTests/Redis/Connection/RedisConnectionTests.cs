using System.Text;
using StackExchange.Redis;
using Unstale.IntegrationTests.Redis.Cluster;
using Unstale.IntegrationTests.Redis.Log;
using Unstale.IntegrationTests.Support;
using Unstale.Redis.Connection;
using Xunit;
using static Unstale.IntegrationTests.Redis.Log.LogSessions;

namespace Unstale.IntegrationTests.Redis.Connection;

/// <summary>Calls with an unknown outcome: effects on their connection, their memory and the next call.</summary>
public sealed class RedisConnectionTests : ShortLimitLink
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cancelled_fenced_call_closes_the_link_before_the_call_returns(bool fenced)
    {
        await Process.Log().ConnectedAsync();
        var link = Process.Hub.Current!;
        await Server.FreezeAsync();
        try
        {
            using var call = new RedisScript("return 1") { IsFenced = fenced }.Command().Key("k");
            using var stop = new CancellationTokenSource();
            var open = true;
            var given = link.Data.CallWithSourceAsync(call, Limit, stop.Token).AsTask()
                .ContinueWith(_ => open = link.IsOpen, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            await stop.CancelAsync();
            await given;
            Assert.Equal(!fenced, open);
        }
        finally
        {
            await Server.ThawAsync();
        }

        await Eventually.TrueAsync("a link stands", () => Task.FromResult(Process.Hub.Current is not null));
        Assert.Equal(fenced, Process.Hub.Current!.Number > link.Number);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_buffer_of_a_call_that_may_still_be_sent_is_not_reused_by_another_call(bool script)
    {
        // A multiplexer of the application queues calls for an absent server and writes them on reconnection.
        await using var relay = new TcpRelay(Server.Port);
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{relay.Port},abortConnect=false,connectTimeout=500");
        var settings = Server.Settings with { Configuration = null, Text = null, Shared = () => multiplexer, RequestTimeout = Limit };
        await using var pair = await MultiplexerPair.OpenAsync(settings);
        var data = new RedisConnection(pair, isControl: false, settings, static (_, _, _) => { });
        var set = new RedisScript("return redis.call('SET', KEYS[1], ARGV[1])");
        await Server.RunAsync("SCRIPT", "LOAD", set.Source);
        relay.Cut();
        await Eventually.TrueAsync("the client has noticed", () => Task.FromResult(!multiplexer.IsConnected));
        const int Late = 16;
        var outcomes = await Task.WhenAll(Enumerable.Range(0, Late).Select(i => SetAsync(data, $"late{i}", Encoding.ASCII.GetBytes(new string((char)('a' + i), 100)), script ? set : null)));
        Assert.All(outcomes, static outcome => Assert.True(outcome is CallException { OutcomeUnknown: true }));
        var others = Enumerable.Range(0, 2 * Late).Select(_ => (script ? set.Command() : RedisCall.Create("SET")).Key("other").Arg(new string('Z', 100))).ToArray();
        Assert.All(others, static call => Assert.Equal(1, call.Values().Length));
        relay.LeadTo(Server.Port);
        await Eventually.TrueAsync("the late calls were executed", async () => (await Server.RunAsync("EXISTS", $"late{Late - 1}")).Integer == 1);
        for (var i = 0; i < Late; i++)
        {
            Assert.Equal(new string((char)('a' + i), 100), (await Server.RunAsync("GET", $"late{i}")).Text());
        }
    }

    [Fact]
    public async Task A_call_is_never_used_again_after_an_unknown_outcome()
    {
        await Process.Log().ConnectedAsync();
        var data = Process.Hub.Current!.Data;
        await Server.FreezeAsync();
        var unknown = RedisCall.Create("SET").Key("k").Arg("v");
        try
        {
            await Assert.ThrowsAsync<CallTimeoutException>(() => data.CallAsync(unknown, Limit, Stop).AsTask());
            unknown.Dispose();
        }
        finally
        {
            await Server.ThawAsync();
        }

        var taken = Enumerable.Range(0, 600).Select(static _ => RedisCall.Create("SET")).ToList();
        Assert.DoesNotContain(taken, call => ReferenceEquals(call, unknown));
    }
}
