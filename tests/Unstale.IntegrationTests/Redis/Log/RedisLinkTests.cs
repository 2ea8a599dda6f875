using Unstale.Log;
using Unstale.Redis.Channel;
using Unstale.Redis.Connection;
using Unstale.Redis.Log;
using Unstale.Redis.Telemetry;
using Unstale.Tests.Log;
using Unstale.Tests.Support;
using Xunit;
using static Unstale.IntegrationTests.Redis.Log.LogSessions;

namespace Unstale.IntegrationTests.Redis.Log;

/// <summary>Links that end and are established again, and servers that do not meet the requirements.</summary>
public sealed class RedisLinkTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(300);
    private RedisServer _server = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await RedisServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_kill_of_either_connection_replaces_both_and_a_tail_returns_the_missed_records(bool control)
    {
        await using var process = new LogProcess(_server);
        await using var other = new LogProcess(_server);
        var (session, observer) = await process.Log().ConnectedAsync();
        var (writer, _) = await other.Log().ConnectedAsync();
        var place = await session.PlaceAsync();
        await writer.PlaceAsync();
        var killed = process.Hub.Current!;
        await KillAsync(killed, control);
        await writer.AppendAsync(Record("missed"));

        await Eventually.Holds("the session is connected again", () => observer.Connections == 2);
        Assert.Equal(1, observer.Disconnections);
        Assert.False(killed.Control.IsOpen || killed.Data.IsOpen);
        Assert.Null(session.Link);
        Assert.InRange(process.Hub.Current!.Number, killed.Number + 1, long.MaxValue);
        Assert.Equal("missed", (await session.TailAsync(place)).Records.Single().Record.Targets[0].Text);
        Assert.Equal(2, (await session.AppendAsync(Record("k"))).Sequence);
        Assert.Single(process.Said.Of(EventIds.LinkDown));
        Assert.Equal(2, process.Said.Of(EventIds.LinkUp).Count);
        Assert.False(observer.Overlapped);
    }

    [Fact]
    public async Task Appends_during_connection_kills_get_a_unique_position_or_a_call_exception_and_no_record_is_pushed_twice()
    {
        await using var process = new LogProcess(_server);
        await using var other = new LogProcess(_server);
        var (session, observer) = await process.Log().ConnectedAsync();
        var (reader, received) = await other.Log().ConnectedAsync();
        var place = await session.PlaceAsync();
        await reader.PlaceAsync();
        var places = new System.Collections.Concurrent.ConcurrentDictionary<long, long>();
        var done = false;
        var load = Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            async () =>
            {
                while (!Volatile.Read(ref done))
                {
                    var record = Record("k");
                    try
                    {
                        Assert.True(places.TryAdd((await session.AppendAsync(record)).Sequence, record.Id), "A place was given twice.");
                    }
                    catch (CallException)
                    {
                        await ReconnectedAsync(session);
                    }
                }
            },
            Stop)));
        for (var kill = 1; kill <= 6; kill++)
        {
            var seen = places.Count;
            await Eventually.Holds("appends go on between two kills", () => places.Count > seen + 50 && process.Hub.Current is not null);
            if (process.Hub.Current is { } link)
                await KillAsync(link, control: kill % 2 == 0);
        }

        done = true;
        await load;
        Assert.InRange(observer.Disconnections, 1, 6);
        var newest = (await reader.TailAsync(default)).Sequence;
        await Eventually.Holds("the other process hears all", () => received.Pushes.Count >= newest);
        Assert.Equal(Enumerable.Range(1, (int)newest).Select(i => (long)i), received.Sequences);
        Assert.All(received.Pushes, p => Assert.True(!places.TryGetValue(p.Record.Sequence, out var id) || id == p.Record.Record.Id));
        Assert.Equal(0, place.Cursor);
    }

    [Fact]
    public async Task Calls_to_a_frozen_server_fail_within_their_limit_and_the_session_reconnects_afterwards()
    {
        await using var process = new LogProcess(_server.Settings with { RequestTimeout = Limit });
        var (session, observer) = await process.Log(limits: new RedisLogSettings { RequestTimeout = Limit }).ConnectedAsync();
        var place = await session.PlaceAsync();
        await _server.FreezeAsync();
        try
        {
            var append = session.AppendAsync(Record("a"));
            var behind = session.AppendAsync(Record("b"));
            await Assert.ThrowsAsync<CallTimeoutException>(() => append);
            await Assert.ThrowsAnyAsync<CallException>(() => behind); // not sent: queued behind the first, or for the link that ended with it
            await Assert.ThrowsAnyAsync<CallException>(() => session.TailAsync(place)); // the link ended with the first call
            await Eventually.Holds("the session is disconnected", () => observer.Disconnections == 1);
            var refused = await Assert.ThrowsAsync<NoConnectionException>(() => session.AppendAsync(Record("c")));
            Assert.StartsWith($"There is no connection to Redis at {_server.EndPoint}: ", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            await _server.ThawAsync();
        }

        await Eventually.Holds("the session is connected again", () => observer.Connections == 2);
        Assert.Equal(TailState.Records, (await session.TailAsync(place)).State);
        Assert.InRange((await session.AppendAsync(Record("d"))).Sequence, 1, 2); // "a" may have been executed
    }

    [Fact]
    public async Task A_disposed_session_leaves_the_channel_of_the_other_sessions_subscribed()
    {
        await using var process = new LogProcess(_server);
        var log = process.Log();
        var (first, firstReceived) = await log.ConnectedAsync();
        await first.PlaceAsync();
        for (var i = 0; i < 5; i++)
        {
            var (session, _) = await log.ConnectedAsync();
            await session.DisposeAsync();
        }

        var (cart, _) = await process.Log("cart").ConnectedAsync();
        await cart.DisposeAsync();
        await first.AppendAsync(Record("k"));
        await Eventually.Holds("the first hears", () => firstReceived.Pushes.Count == 1);
        var channels = await _server.RunAsync("PUBSUB", "CHANNELS");
        Assert.Equal(["{unstale:shop:0}:ch"], channels.Items.Select(c => c.Text()));
        Assert.Same(first, log.Session);
        await log.DisposeAsync();
        Assert.Null(log.Session);
        await Support.Eventually.TrueAsync("nobody listens", async () => (await _server.RunAsync("PUBSUB", "CHANNELS")).Items.Length == 0);
    }

    [Fact]
    public async Task A_lost_link_of_one_log_does_not_disconnect_other_logs_and_channels()
    {
        await using var process = new LogProcess(_server);
        var (shop, shopObserver) = await process.Log().ConnectedAsync();
        var (cart, cartObserver) = await process.Log("cart").ConnectedAsync();
        await shop.PlaceAsync();
        var place = await cart.PlaceAsync();
        await using var channel = Listener(process);
        await channel.Subscribed;
        var (lost, kept) = (shop.Link!, cart.Link!);
        lost.Drop(new IOException("lost"));
        await Eventually.Holds("the log is connected again", () => shopObserver.Connections == 2);
        await shop.PlaceAsync();
        Assert.True(shop.Link!.Number > lost.Number);
        Assert.Same(kept, cart.Link);
        Assert.Equal((1, 0), (cartObserver.Connections, cartObserver.Disconnections));
        Assert.Equal(TailState.Records, (await cart.TailAsync(place)).State);
        Assert.True(channel.IsSubscribed);
    }

    [Fact]
    public async Task The_loss_of_a_server_is_logged_once_for_all_links_to_it()
    {
        await using var process = new LogProcess(_server);
        var (_, shop) = await process.Log().ConnectedAsync();
        var (_, cart) = await process.Log("cart").ConnectedAsync();
        await using var channel = Listener(process);
        await channel.Subscribed;
        Assert.Single(process.Said.Of(EventIds.LinkUp));
        await _server.StopAsync();
        await Eventually.Holds("the cause is logged", () => process.Said.Of(EventIds.ConnectFailed).Count > 0 && !channel.IsSubscribed);
        await _server.StartAgainAsync();
        await Eventually.Holds("all are connected again", () => shop.Connections == 2 && cart.Connections == 2 && channel.IsSubscribed);
        Assert.Single(process.Said.Of(EventIds.LinkDown));
        Assert.Equal(2, process.Said.Of(EventIds.LinkUp).Count);
        Assert.All(process.Said.Of(EventIds.ConnectFailed).GroupBy(m => m, StringComparer.Ordinal), said => Assert.Single(said));
    }

    [Fact]
    public async Task The_link_of_a_log_is_closed_with_its_last_session_and_made_again_with_the_next()
    {
        await using var process = new LogProcess(_server);
        var (first, _) = await process.Log().ConnectedAsync();
        var (second, _) = await process.Log().ConnectedAsync();
        await first.PlaceAsync();
        await second.PlaceAsync();
        var link = first.Link!;
        await first.DisposeAsync();
        Assert.Same(link, second.Link);
        await second.DisposeAsync();
        await Eventually.Holds("the link is closed", () => !link.IsOpen);
        var (third, _) = await process.Log().ConnectedAsync();
        await third.PlaceAsync();
        Assert.True(third.Link!.Number > link.Number);
        Assert.Empty(process.Said.Of(EventIds.LinkDown));
        Assert.Equal(2, process.Said.Of(EventIds.LinkUp).Count);
    }

    [Fact]
    public async Task A_channel_without_permission_to_subscribe_does_not_disconnect_the_log()
    {
        await _server.RunAsync("ACL", "SETUSER", "default", "resetchannels", "&{unstale:*");
        await using var process = new LogProcess(_server);
        var (session, observer) = await process.Log().ConnectedAsync();
        await session.PlaceAsync();
        await using var channel = Listener(process);
        await Eventually.Holds("the reason is logged", () => process.Said.Of(EventIds.ConnectFailed).Count > 0);
        Assert.False(channel.IsSubscribed);
        Assert.Equal((1, 0), (observer.Connections, observer.Disconnections));
        await _server.RunAsync("ACL", "SETUSER", "default", "allchannels");
        await channel.Subscribed;
        Assert.Equal((1, 0), (observer.Connections, observer.Disconnections));
    }

    [Fact]
    public async Task A_replica_is_named_as_the_reason_and_confirms_nothing()
    {
        await using var replica = await RedisServer.StartAsync("--replicaof", "127.0.0.1", $"{_server.Port}");
        await using var process = new LogProcess(replica);
        process.Log().Open(new RecordingObserver());
        await Eventually.Holds("the reason is said", () => process.Said.Of(EventIds.ConnectFailed).Count > 0);
        Assert.Equal(CallErrorKind.ReadOnly, Assert.IsType<CallRefusedException>(process.Hub.LastFailure).Kind);
        Assert.Contains("is a replica and refuses writes", process.Said.Of(EventIds.ConnectFailed)[^1], StringComparison.Ordinal);
        Assert.Null(process.Hub.Current);
    }

    [Fact]
    public async Task A_server_that_denies_INFO_is_followed_without_its_run_id_and_logged_once()
    {
        await _server.RunAsync("ACL", "SETUSER", "default", "-info");
        await using var process = new LogProcess(_server);
        var (session, observer) = await process.Log().ConnectedAsync();
        var place = await session.PlaceAsync();
        Assert.Equal(RedisSession.Hidden, session.Link!.Run);
        await KillAsync(session.Link, control: true);
        await Eventually.Holds("the session is connected again", () => observer.Connections == 2);
        Assert.Equal(TailState.Records, (await session.TailAsync(place)).State);
        Assert.Equal(1, (await session.AppendAsync(Record("k"))).Sequence);
        Assert.Single(process.Said.Of(EventIds.RunIdHidden));
    }

    [Fact]
    public async Task A_server_that_hides_its_run_id_from_scripts_is_followed_without_it_and_logged_once()
    {
        // A command that does not exist replaces one that scripts are denied.
        await using var proxy = new RewritingProxy(_server.EndPoint, "redis.pcall('INFO'"u8.ToArray(), "redis.pcall('INFX'"u8.ToArray()) { Rewrites = true };
        await using var process = new LogProcess(proxy.Settings);
        var (session, observer) = await process.Log().ConnectedAsync();
        var place = await session.PlaceAsync();
        Assert.Equal(RedisSession.Hidden, session.Link!.Run);
        Assert.Equal("?", (await _server.RunAsync("HGET", "{unstale:shop:0}:ctl", "run")).Text());
        Assert.Equal(1, (await session.AppendAsync(Record("k"))).Sequence);
        session.Link.Drop(new IOException("lost"));
        await Eventually.Holds("the session is connected again", () => observer.Connections == 2);
        Assert.Equal(TailState.Records, (await session.TailAsync(place)).State);
        Assert.Equal(2, (await session.AppendAsync(Record("k"))).Sequence);
        Assert.Single(process.Said.Of(EventIds.RunIdHidden));
    }

    [Fact]
    public async Task Scripts_read_the_run_id_of_a_server_that_permits_it()
    {
        await using var process = new LogProcess(_server);
        var (session, _) = await process.Log().ConnectedAsync();
        await session.PlaceAsync();
        Assert.Equal("", session.Link!.Run);
        Assert.Empty(process.Said.Of(EventIds.RunIdHidden));
        Assert.Equal(session.Link.Control.Server.RunId, (await _server.RunAsync("HGET", "{unstale:shop:0}:ctl", "run")).Text());
    }

    [Fact]
    public async Task A_server_unavailable_at_first_is_connected_once_it_starts_and_each_reason_is_logged_once()
    {
        await _server.StopAsync();
        await using var process = new LogProcess(_server);
        var observer = new RecordingObserver();
        var session = process.Log().Open(observer);
        await Eventually.Holds("the reason is said", () => process.Said.Of(EventIds.ConnectFailed).Count > 0);
        await Assert.ThrowsAsync<NoConnectionException>(() => session.TailAsync(default));
        await _server.StartAgainAsync();
        await Eventually.Holds("the session is connected", () => observer.Connections == 1);
        Assert.Equal(0, observer.Disconnections);
        await session.PlaceAsync();
        Assert.All(process.Said.Of(EventIds.ConnectFailed).GroupBy(m => m, StringComparer.Ordinal), said => Assert.Single(said));
    }

    [Fact]
    public async Task A_log_without_permission_to_subscribe_logs_the_reason_and_connects_once_permitted()
    {
        await _server.RunAsync("ACL", "SETUSER", "default", "resetchannels");
        await using var process = new LogProcess(_server);
        var observer = new RecordingObserver();
        process.Log().Open(observer);
        await Eventually.Holds("the reason is said", () => process.Said.Of(EventIds.ConnectFailed).Count > 0);
        Assert.Null(process.Hub.Current);
        Assert.Equal(CallErrorKind.NoPermission, Assert.IsType<CallRefusedException>(process.Hub.LastFailure).Kind);
        await _server.RunAsync("ACL", "SETUSER", "default", "allchannels");
        await Eventually.Holds("the session is connected", () => observer.Connections == 1);
    }

    [Fact]
    public async Task Two_connections_that_reach_different_servers_are_refused_as_a_link()
    {
        await using var second = await RedisServer.StartAsync();
        await using var proxy = new TurnTakingProxy(_server.EndPoint, second.EndPoint);
        await using var process = new LogProcess(proxy.Settings);
        process.Log().Open(new RecordingObserver());
        await Eventually.Holds("the reason is said", () => process.Said.Of(EventIds.ConnectFailed).Count > 0);
        Assert.Equal(
            $"Two connections to Redis at {proxy.Settings.Place} reached two different servers. The server is restarting or failing over, "
            + "or a load balancer is in between: connect to the server that stores the keys.",
            process.Hub.LastFailure?.Message);
        Assert.Null(process.Hub.Current);
    }

    [Fact]
    public async Task A_disposed_hub_closes_all_connections_and_notifies_its_sessions()
    {
        var process = new LogProcess(_server);
        var (session, observer) = await process.Log().ConnectedAsync();
        await session.PlaceAsync();
        var link = process.Hub.Current!;
        await process.DisposeAsync();
        Assert.False(link.Control.IsOpen || link.Data.IsOpen);
        Assert.Equal(1, observer.Disconnections);
        Assert.Empty(process.Said.Of(EventIds.LinkDown));
        await Assert.ThrowsAsync<NoConnectionException>(() => session.AppendAsync(Record("k")));
        await Support.Eventually.TrueAsync("the server has closed them", async () =>
            !(await _server.RunAsync("CLIENT", "LIST", "TYPE", "pubsub")).Text().Contains("name=", StringComparison.Ordinal));
        await session.DisposeAsync();
    }

    [Fact]
    public async Task A_slow_observer_delays_no_reply_and_is_notified_of_missed_records()
    {
        await using var process = new LogProcess(_server.Settings with { PushCapacity = 4 });
        await using var other = new LogProcess(_server);
        var (writer, _) = await other.Log().ConnectedAsync();
        await writer.PlaceAsync();
        using var observer = new SlowObserver();
        var session = process.Log().Open(observer);
        await Eventually.Holds("the session is connected", () => observer.Connections == 1);
        var place = await session.PlaceAsync();
        for (var i = 0; i < 50; i++)
        {
            await writer.AppendAsync(Record($"k{i}"));
        }

        await Eventually.Holds("the observer stands at a push", () => observer.Pushes == 1);
        Assert.Equal(50, (await session.TailAsync(place)).Records.Count);
        observer.GoOn();
        await Eventually.Holds("the observer is told", () => observer.Misses >= 1);
        Assert.InRange(observer.Pushes, 1, 10);
    }

    [Fact]
    public async Task Scripts_flushed_from_a_server_are_loaded_again()
    {
        await using var process = new LogProcess(_server);
        var (session, _) = await process.Log().ConnectedAsync();
        var place = await session.PlaceAsync();
        await _server.RunAsync("SCRIPT", "FLUSH");
        Assert.Equal(TailState.Records, (await session.TailAsync(place)).State);
        await _server.RunAsync("SCRIPT", "FLUSH");
        var replies = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => session.AppendAsync(Record($"k{i}"))));
        Assert.Equal(Enumerable.Range(1, 200).Select(i => (long)i), replies.Select(r => r.Sequence).Order());
    }

    [Fact]
    public async Task An_append_refused_for_lack_of_memory_fails_with_OutOfMemory_and_a_later_append_succeeds()
    {
        await using var process = new LogProcess(_server);
        var (session, observer) = await process.Log().ConnectedAsync();
        await session.PlaceAsync();
        await _server.RunAsync("CONFIG", "SET", "maxmemory", "1");
        var refused = await Assert.ThrowsAsync<CallRefusedException>(() => session.AppendAsync(Record("k")));
        Assert.Equal(CallErrorKind.OutOfMemory, refused.Kind);
        await _server.RunAsync("CONFIG", "SET", "maxmemory", "0");
        Assert.Equal(1, (await session.AppendAsync(Record("k"))).Sequence);
        Assert.Equal(0, observer.Disconnections);
    }

    private static ChannelListener Listener(LogProcess process) =>
        new(process.Hub, "news", 16, static (_, _) => default, missed: null, new ChannelStatistics(), process.Said);

    private async Task KillAsync(RedisSession link, bool control)
    {
        var connection = control ? link.Control : link.Data;
        using var who = RedisCall.Create("CLIENT").Arg("ID");
        var id = (await connection.CallAsync(who, Stop)).Integer;
        await _server.RunAsync("CLIENT", "KILL", "ID", id.ToString());
    }

    private static async Task ReconnectedAsync(RedisLogSession session)
    {
        while (session.Link is null)
        {
            try
            {
                await session.TailAsync(default);
            }
            catch (CallException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Stop);
            }
        }
    }
}
