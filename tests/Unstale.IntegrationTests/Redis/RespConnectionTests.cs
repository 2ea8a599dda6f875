using Unstale.IntegrationTests.Support;
using Unstale.Redis;
using Unstale.Redis.Resp;
using Xunit;

namespace Unstale.IntegrationTests.Redis;

/// <summary>One connection to a real server: matching, time-outs, back-pressure, pushes, the end.</summary>
public sealed class RespConnectionTests : IAsyncLifetime
{
    private RedisServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await RedisServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task The_handshake_says_what_the_server_is_and_who_we_are()
    {
        await using var connection = await ConnectAsync(_server.Options with { ClientName = "shop", Database = 3 });

        Assert.Equal(("redis", "standalone", "master"), (connection.Server.Name, connection.Server.Mode, connection.Server.Role));
        Assert.True(connection.Server.Version >= new Version(6, 2));
        Assert.Equal(40, connection.Server.RunId!.Length);
        var info = (await connection.RunAsync("CLIENT", "INFO")).Text();
        Assert.Contains(" name=shop ", info, StringComparison.Ordinal);
        Assert.Contains(" db=3 ", info, StringComparison.Ordinal);
        Assert.Contains(" resp=3", info, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_have_rising_numbers()
    {
        await using var first = await ConnectAsync();
        await using var second = await ConnectAsync();

        Assert.True(second.Number > first.Number);
    }

    [Fact]
    public async Task Each_of_ten_thousand_concurrent_calls_gets_its_own_reply()
    {
        await using var connection = await ConnectAsync();

        await Task.WhenAll(Enumerable.Range(0, 100).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                var unique = $"{caller}:{i}";
                Assert.Equal(unique, (await connection.RunAsync("ECHO", unique)).Text());
            }
        }, Token)));
        Assert.Equal(0, connection.BytesInFlight);
    }

    [Fact]
    public async Task A_caller_who_blocks_after_his_reply_holds_up_no_other()
    {
        await using var connection = await ConnectAsync();
        const int callers = 50;
        using var others = new CountdownEvent(callers - 1);

        // The commands gather while the server stands still, so that their replies come with one read.
        await _server.FreezeAsync();
        var calls = Task.WhenAll(Enumerable.Range(0, callers).Select(caller => caller == 0 ? BlockAsync() : CallAsync()));
        await _server.ThawAsync();
        await calls;

        async Task BlockAsync()
        {
            await connection.RunAsync("ECHO", "first");
            // Each of the others has yet to send a command and to get its reply.
            Assert.True(others.Wait(TimeSpan.FromSeconds(20), Token));
        }

        async Task CallAsync()
        {
            await connection.RunAsync("ECHO", "second");
            await connection.RunAsync("ECHO", "third");
            others.Signal();
        }
    }

    [Fact]
    public async Task Values_of_all_sizes_come_back_whole()
    {
        await using var connection = await ConnectAsync();
        var random = new Random(1);
        var sent = new List<byte[]>();
        var calls = new List<Task<RespReply>>();
        foreach (var size in (int[])[0, 1, 1000, 32_767, 32_768, 100_000, 3_000_000, 10, 20_000_000, 5])
        {
            var value = new byte[size];
            random.NextBytes(value);
            sent.Add(value);
            calls.Add(EchoAsync(connection, value));
        }

        var received = await Task.WhenAll(calls);
        Assert.All(sent.Zip(received), pair => Assert.True(pair.First.AsSpan().SequenceEqual(pair.Second.Bytes)));
    }

    [Fact]
    public async Task Calls_beyond_the_bytes_in_flight_wait_and_then_go_out_in_order()
    {
        await using var connection = await ConnectAsync(_server.Options with { MaximumBytesInFlight = 2000, CommandTimeout = TimeSpan.FromSeconds(30) });
        await _server.FreezeAsync();
        var calls = Enumerable.Range(0, 200).Select(i => connection.RunAsync("RPUSH", "list", i + new string('x', 100))).ToArray();

        Assert.InRange(connection.BytesInFlight, 1000, 2000);
        Assert.All(calls, call => Assert.False(call.IsCompleted));
        await _server.ThawAsync();
        await Task.WhenAll(calls);
        Assert.Equal(Enumerable.Range(1, 200), calls.Select(call => (int)call.Result.Integer));
    }

    [Fact]
    public async Task A_command_larger_than_the_limit_goes_out_alone()
    {
        await using var connection = await ConnectAsync(_server.Options with { MaximumBytesInFlight = 1000 });

        var replies = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => EchoAsync(connection, new byte[5000])));

        Assert.All(replies, reply => Assert.Equal(5000, reply.Bytes.Length));
    }

    [Fact]
    public async Task A_time_out_leaves_the_stream_in_step_and_drops_the_late_reply()
    {
        await using var connection = await ConnectAsync(_server.Options with { CommandTimeout = TimeSpan.FromMilliseconds(200) });
        await _server.FreezeAsync();

        var late = await Assert.ThrowsAsync<RespTimeoutException>(() => connection.RunAsync("ECHO", "late"));
        Assert.True(late.OutcomeUnknown);
        Assert.Equal($"ECHO was sent to {connection.Name} and no reply came in time. Its outcome is unknown.", late.Message);
        await _server.ThawAsync();

        using var next = RespCalls.Command("ECHO", "next");
        Assert.Equal("next", (await connection.CallAsync(next, TimeSpan.FromSeconds(20), Token)).Text());
        Assert.Equal(0, connection.BytesInFlight);
    }

    [Fact]
    public async Task A_call_that_waits_for_room_until_its_time_out_is_never_sent()
    {
        await using var connection = await ConnectAsync(_server.Options with { MaximumBytesInFlight = 50, CommandTimeout = TimeSpan.FromMilliseconds(200) });
        await _server.FreezeAsync();
        var first = connection.RunAsync("INCR", "first");
        var second = connection.RunAsync("INCR", new string('s', 60));

        Assert.True((await Assert.ThrowsAsync<RespTimeoutException>(() => first)).OutcomeUnknown);
        Assert.False((await Assert.ThrowsAsync<RespTimeoutException>(() => second)).OutcomeUnknown);
        await _server.ThawAsync();
        using var keys = RespCalls.Command("KEYS", "*");
        Assert.Equal("Array[first]", (await connection.CallAsync(keys, TimeSpan.FromSeconds(20), Token)).ToString());
    }

    [Fact]
    public async Task Cancelling_ends_the_waiting_and_not_the_command()
    {
        await using var connection = await ConnectAsync(_server.Options with { CommandTimeout = TimeSpan.FromSeconds(30) });
        await _server.FreezeAsync();
        using var cancel = new CancellationTokenSource();
        using var command = RespCalls.Command("INCR", "n");
        var call = connection.CallAsync(command, cancel.Token).AsTask();

        await cancel.CancelAsync();
        var cancelled = await Assert.ThrowsAsync<OperationCanceledException>(() => call);
        Assert.Equal(cancel.Token, cancelled.CancellationToken);
        await _server.ThawAsync();
        Assert.Equal("1", (await connection.RunAsync("GET", "n")).Text());
    }

    [Fact]
    public async Task Pushes_and_the_replies_to_posted_commands_come_in_the_order_of_the_wire()
    {
        var events = new EventLog();
        await using var listener = await ConnectAsync(handler: events.Add);
        await using var publisher = await ConnectAsync();
        await listener.SubscribeAsync("c", Token);

        // The server orders what it sends to the listener: each GET sees the number of the last message before it.
        await Task.WhenAll(Publish(publisher), Ask(listener));
        await Eventually.TrueAsync("all messages and replies are handled", () => Task.FromResult(events.Count == 4000));

        var last = 0;
        foreach (var e in events.Snapshot())
        {
            if (e.Kind == RespEventKind.Push)
            {
                Assert.Equal(++last, e.Reply.Items[2].Integer);
            }
            else
            {
                Assert.Equal(last, e.Reply.IsNull ? 0 : e.Reply.Integer);
            }
        }

        static async Task Publish(RespConnection connection)
        {
            var script = new RespScript("local n = redis.call('INCR', KEYS[1]) redis.call('PUBLISH', 'c', n) return n");
            for (var i = 0; i < 2000; i++)
            {
                using var command = script.Command(keys: 1).Arg("n");
                await script.CallAsync(connection, command, Token);
            }
        }

        static async Task Ask(RespConnection connection)
        {
            for (var i = 0; i < 2000; i++)
            {
                using var command = RespCalls.Command("GET", "n");
                connection.Post(command, tag: null, TimeSpan.FromSeconds(30));
                if (i % 20 == 0)
                {
                    await connection.RunAsync("PING");
                }
            }
        }
    }

    [Fact]
    public async Task A_slow_handler_holds_up_no_reply_and_learns_what_it_missed_and_where()
    {
        using var gate = new ManualResetEventSlim();
        var events = new EventLog(gate);
        await using var listener = await ConnectAsync(_server.Options with { PushCapacity = 10 }, events.Add);
        await using var publisher = await ConnectAsync();
        await listener.SubscribeAsync("c", Token);

        for (var i = 0; i < 100; i++)
        {
            await publisher.RunAsync("PUBLISH", "c", i.ToString());
        }

        Assert.Equal("PONG", (await listener.RunAsync("PING")).Text());
        using (var command = RespCalls.Command("ECHO", "after"))
        {
            listener.Post(command, "tag");
        }

        Assert.Equal("PONG", (await listener.RunAsync("PING")).Text());
        gate.Set();
        await Eventually.TrueAsync("the posted reply is handled", () => Task.FromResult(events.Snapshot().Any(e => e.Kind == RespEventKind.Reply)));

        var all = events.Snapshot();
        var pushes = all.TakeWhile(e => e.Kind == RespEventKind.Push).ToList();
        Assert.Equal(Enumerable.Range(0, pushes.Count), pushes.Select(e => (int)e.Reply.Items[2].Integer));
        Assert.InRange(pushes.Count, 10, 11);
        Assert.Equal((RespEventKind.Loss, 100 - pushes.Count), (all[^2].Kind, all[^2].Lost));
        Assert.Equal(("tag", "after"), (all[^1].Tag, all[^1].Reply.Text()));
    }

    [Fact]
    public async Task A_loss_at_the_end_is_told_without_anything_after_it()
    {
        using var gate = new ManualResetEventSlim();
        var events = new EventLog(gate);
        await using var listener = await ConnectAsync(_server.Options with { PushCapacity = 1 }, events.Add);
        await listener.SubscribeAsync("c", Token);
        for (var i = 0; i < 5; i++)
        {
            await listener.RunAsync("PUBLISH", "c", "m");
        }

        gate.Set();
        await Eventually.TrueAsync("five messages are handled or told as lost", () => Task.FromResult(
            events.Snapshot().Sum(e => e.Kind == RespEventKind.Push ? 1 : e.Lost) == 5));
        Assert.Equal(RespEventKind.Loss, events.Snapshot()[^1].Kind);
    }

    [Fact]
    public async Task Posted_subscriptions_and_failures_go_to_the_handler_too()
    {
        var events = new EventLog();
        var connection = await ConnectAsync(_server.Options with { CommandTimeout = TimeSpan.FromMilliseconds(300) }, events.Add);
        connection.PostSubscribe("c", "subscribed");
        Post("PUBLISH", "c", "m");
        Post("GET");
        await Eventually.TrueAsync("the first four are handled", () => Task.FromResult(events.Count == 4));
        await _server.FreezeAsync();
        Post("ECHO", "late");
        await Eventually.TrueAsync("the time-out is handled", () => Task.FromResult(events.Count == 5));
        Post("ECHO", "lost");
        await connection.DisposeAsync();
        await Eventually.TrueAsync("the end is handled", () => Task.FromResult(events.Count == 7));

        var all = events.Snapshot();
        Assert.Equal(("subscribed", RespType.Push), (all[0].Tag, all[0].Reply.Type));
        Assert.Equal([RespEventKind.Push, RespEventKind.Reply], all[1..3].Select(e => e.Kind));
        Assert.Equal("GET", Assert.IsType<RespServerException>(all[3].Error).Command);
        Assert.IsType<RespTimeoutException>(all[4].Error);
        Assert.True(all[5].Error is RespOutcomeUnknownException or RespConnectionException, "the end fails what is posted");
        Assert.Equal(RespEventKind.Closed, all[6].Kind);

        void Post(string name, params string[] arguments)
        {
            using var command = RespCalls.Command(name, arguments);
            connection.Post(command, name);
        }
    }

    [Fact]
    public async Task A_handler_that_throws_closes_the_connection()
    {
        await using var connection = await ConnectAsync(handler: (RespConnection _, in RespEvent _) => throw new InvalidOperationException("Broken."));
        await connection.SubscribeAsync("c", Token);
        await connection.RunAsync("PUBLISH", "c", "m");

        var why = await connection.WhenClosed.WaitAsync(Token);
        Assert.Equal($"{connection.Name} was closed because the handler of its messages failed: Broken.", why.Message);
    }

    [Fact]
    public async Task Unsubscribing_is_confirmed_and_ends_the_messages()
    {
        var events = new EventLog();
        await using var connection = await ConnectAsync(handler: events.Add);
        await connection.SubscribeAsync("c", Token);
        await connection.UnsubscribeAsync("c", Token);

        Assert.Equal(0, (await connection.RunAsync("PUBLISH", "c", "m")).Integer);
        Assert.Equal(0, events.Count);
    }

    [Fact]
    public async Task The_end_fails_all_calls_by_what_is_known_of_them()
    {
        await using var connection = await ConnectAsync(_server.Options with { MaximumBytesInFlight = 100 });
        await _server.FreezeAsync();
        var sent = connection.RunAsync("INCR", new string('n', 200));
        var waiting = connection.RunAsync("INCR", "n");

        await _server.StopAsync();

        var unknown = await Assert.ThrowsAsync<RespOutcomeUnknownException>(() => sent);
        Assert.StartsWith($"INCR was sent to {connection.Name} and its outcome is unknown, because the connection ended: ", unknown.Message, StringComparison.Ordinal);
        Assert.True(unknown.OutcomeUnknown);
        Assert.False((await Assert.ThrowsAsync<RespConnectionException>(() => waiting)).OutcomeUnknown);
        Assert.False((await Assert.ThrowsAsync<RespConnectionException>(() => connection.RunAsync("PING"))).OutcomeUnknown);
    }

    private static async Task<RespReply> EchoAsync(RespConnection connection, byte[] value)
    {
        using var command = RespCommand.Create("ECHO").Arg(value);
        return await connection.CallAsync(command, TimeSpan.FromSeconds(30), Token);
    }

    private Task<RespConnection> ConnectAsync(RespOptions? options = null, RespEventHandler? handler = null) =>
        RespConnection.ConnectAsync(_server.EndPoint, options ?? _server.Options, handler, Token);
}
