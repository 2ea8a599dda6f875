using Unstale.Log;
using Unstale.Redis.Connection;
using Unstale.Redis.Log;
using Unstale.Redis.Telemetry;
using Unstale.Tests.Support;
using Xunit;
using static Unstale.IntegrationTests.Redis.Log.LogSessions;

namespace Unstale.IntegrationTests.Redis.Log;

/// <summary>Log on a healthy server: records written, pushed and read.</summary>
public sealed class RedisLogTests : IAsyncLifetime
{
    private const string Stream = "{unstale:shop:0}:log";
    private const string Control = "{unstale:shop:0}:ctl";
    private RedisServer _server = null!;
    private LogProcess _process = null!;
    private LogProcess _other = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        _process = new LogProcess(_server);
        _other = new LogProcess(_server);
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        await _other.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Pushes_of_eight_appenders_at_once_arrive_in_order_in_another_process()
    {
        var (session, _) = await _process.Log().ConnectedAsync();
        var (_, observer) = await _other.Log().ConnectedAsync();
        var place = await session.PlaceAsync();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            async () =>
            {
                for (var i = 0; i < 250; i++)
                {
                    await session.AppendAsync(Record($"k{i}"));
                }
            },
            Stop)));

        await Eventually.Holds("2,000 records are heard", () => observer.Pushes.Count >= 2000);
        Assert.Equal(Enumerable.Range(1, 2000).Select(i => place.Cursor + i), observer.Sequences);
        var previous = place.IdAtCursor;
        foreach (var (_, logged) in observer.Pushes)
        {
            Assert.Equal(previous, logged.PreviousId);
            previous = logged.Record.Id;
        }

        Assert.False(observer.Overlapped);
        Assert.Equal(0, observer.Misses);
    }

    [Fact]
    public async Task A_batch_is_appended_in_one_call_as_separate_entries_of_the_stream()
    {
        var (session, _) = await _process.Log().ConnectedAsync();
        await session.PlaceAsync();
        await session.AppendAsync(Record("first")); // a new script may be sent twice
        await _server.RunAsync("CONFIG", "RESETSTAT");
        InvalidationRecord[] records = [.. Enumerable.Range(0, 128).Select(i => Record($"k{i}"))];
        Assert.Equal(2, (await session.AppendAsync(0, records, TestContext.Current.CancellationToken)).Sequence);
        Assert.Equal(129, (await _server.RunAsync("XLEN", Stream)).Integer);
        var calls = (await _server.RunAsync("INFO", "commandstats")).Text().Split("cmdstat_evalsha:calls=")[1].Split(',')[0];
        Assert.Equal("1", calls);
    }

    [Fact]
    public async Task A_record_above_the_push_limit_is_announced_without_its_content_and_read_by_a_tail()
    {
        var (session, _) = await _process.Log().ConnectedAsync();
        var (reader, observer) = await _other.Log().ConnectedAsync();
        var place = await session.PlaceAsync();
        await reader.PlaceAsync();
        var record = Record(new string('x', 9000));
        await session.AppendAsync(record);

        await Eventually.Holds("the reader is called", () => observer.Misses == 1);
        Assert.Empty(observer.Pushes);
        var tail = await reader.TailAsync(place);
        Assert.Equal((record.Id, record.Targets[0]), (Assert.Single(tail.Records).Record.Id, tail.Records[0].Record.Targets[0]));
    }

    [Fact]
    public async Task The_stream_contains_the_records_as_readable_fields()
    {
        var (session, _) = await _process.Log().ConnectedAsync();
        await session.PlaceAsync();
        InvalidationTarget[] targets = [InvalidationTarget.ForKey("product:7"), InvalidationTarget.ForTag("catalogue")];
        var time = DateTimeOffset.FromUnixTimeMilliseconds(1_767_323_045_678);
        await session.AppendAsync(new InvalidationRecord(42, targets, new RecordOrigin("n1", "shop"), time, "price changed", "00-ab-cd-01"));
        await session.AppendAsync(new InvalidationRecord(43, InvalidationTarget.Everything, new RecordOrigin("n1", "shop"), time));

        var entries = (await _server.RunAsync("XRANGE", Stream, "-", "+")).Items;
        Assert.Equal(["0-1", "0-2"], entries.Select(e => e.Items[0].Text()));
        Assert.Equal(
            ["prev", "0000000000000000", "f", "1", "id", "000000000000002a", "at", "1767323045678", "by", "n1 shop", "why", "price changed",
                "trace", "00-ab-cd-01", "key", "product:7", "tag", "catalogue"],
            entries[0].Items[1].Items.Select(f => f.Text()));
        Assert.Equal(
            ["prev", "000000000000002a", "f", "1", "id", "000000000000002b", "at", "1767323045678", "by", "n1 shop", "everything", ""],
            entries[1].Items[1].Items.Select(f => f.Text()));
    }

    [Fact]
    public async Task A_stream_entry_of_an_unknown_kind_is_read_as_everything_and_logged_once()
    {
        var (session, _) = await _process.Log().ConnectedAsync();
        var place = await session.PlaceAsync();
        foreach (var (sequence, previous) in new[] { (1, 0), (2, 1) })
        {
            await _server.RunAsync("XADD", Stream, $"0-{sequence}", "prev", $"{previous:x16}", "f", "1", "id", $"{sequence:x16}", "at", "5", "by", "n s", "colour", "red");
        }

        await _server.RunAsync("HSET", Control, "seq", "2", "last", $"{2:x16}");
        var tail = await session.TailAsync(place);
        Assert.Equal([(1, 0, 1), (2, 1, 2)], tail.Records.Select(r => (r.Sequence, r.PreviousId, r.Record.Id)));
        Assert.All(tail.Records, r => Assert.Equal([InvalidationTarget.Everything], r.Record.Targets.ToArray()));
        Assert.Single(_process.Said.Of(EventIds.RecordUnreadable));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("")]
    [InlineData("0123456789abcdef0123456789abcdef")]
    public async Task An_unreadable_message_on_the_channel_is_reported_as_missed_and_logged_once(string payload)
    {
        var (_, observer) = await _process.Log().ConnectedAsync();
        await _server.RunAsync("PUBLISH", "{unstale:shop:0}:ch", payload);
        await _server.RunAsync("PUBLISH", "{unstale:shop:0}:ch", payload);
        await Eventually.Holds("the session is called twice", () => observer.Misses == 2);
        Assert.Empty(observer.Pushes);
        Assert.Single(_process.Said.Of(EventIds.PushUnreadable));
    }

    [Fact]
    public async Task Logs_with_different_names_or_prefixes_on_one_server_do_not_receive_records_of_each_other()
    {
        var (shop, shopReceived) = await _process.Log().ConnectedAsync();
        var (cart, cartReceived) = await _process.Log("cart").ConnectedAsync();
        var (test, testReceived) = await _process.Log(prefix: "test").ConnectedAsync();
        foreach (var session in new[] { shop, cart, test })
        {
            await session.PlaceAsync();
            Assert.Equal(1, (await session.AppendAsync(Record("k"))).Sequence);
        }

        foreach (var observer in new[] { shopReceived, cartReceived, testReceived })
            await Eventually.Holds("each hears its own", () => observer.Pushes.Count == 1);

        Assert.Equal(2, (await _server.RunAsync("CLIENT", "LIST")).Text().Split('\n').Count(l => l.Contains("name=unstale", StringComparison.Ordinal)));
        Assert.Equal(3, new[] { shopReceived, cartReceived, testReceived }.Select(o => o.Pushes.Single().Generation).Distinct().Count());
    }

    [Fact]
    public async Task A_tail_over_a_link_that_was_replaced_is_refused()
    {
        var (session, _) = await _process.Log().ConnectedAsync();
        var place = await session.PlaceAsync();
        await _server.RunAsync("HSET", Control, "node:" + session.Node, $"{session.Link!.Number + 1} {place.Generation} 0 0 0");
        var refused = await Assert.ThrowsAsync<NoConnectionException>(() => session.TailAsync(place));
        Assert.Equal("Log shop: the server refused a call over a connection that this node has replaced by a newer one.", refused.Message);
    }

    [Fact]
    public async Task Only_a_tail_is_sent_over_a_link_before_its_first_answered_tail()
    {
        var (session, observer) = await _process.Log().ConnectedAsync();
        Assert.Null(session.Link);
        await Assert.ThrowsAsync<NoConnectionException>(() => session.AppendAsync(Record("k")));
        await Assert.ThrowsAsync<NoConnectionException>(async () => await session.MembersAsync(0, Stop));
        await session.PlaceAsync();
        Assert.Same(_process.Hub.Current, session.Link);
        Assert.Equal(1, (await session.AppendAsync(Record("k"))).Sequence);
        Assert.Equal(0, observer.Disconnections);
    }

    [Fact]
    public async Task The_list_of_nodes_contains_each_node_from_its_first_tail_to_its_end_and_notifies_all_nodes()
    {
        var (session, observer) = await _process.Log().ConnectedAsync();
        var (other, otherObserver) = await _other.Log().ConnectedAsync();
        var place = await session.PlaceAsync();
        await other.PlaceAsync();
        await session.TailAsync(place with { ServesFor = TimeSpan.FromSeconds(5) });
        var members = await session.MembersAsync(0, Stop);

        Assert.Equal(place.Generation, members.Generation);
        Assert.Equal(
            new[] { new LogMember(session.Node, place.Generation, 0, TimeSpan.FromSeconds(5)), new LogMember(other.Node, Generation.None, 0, TimeSpan.Zero) }.ToHashSet(),
            members.Members.Select(m => m with { Confirmation = null }).ToHashSet());
        await Eventually.Holds("both are called", () => observer.Misses == 1 && otherObserver.Misses == 1);
        await other.DisposeAsync();
        Assert.Equal(session.Node, Assert.Single((await session.MembersAsync(0, Stop)).Members).Node);
    }

    [Fact]
    public async Task A_tail_reports_listed_selector_records()
    {
        var log = _process.Log();
        var reported = new List<int>();
        log.SelectorsListed += (_, _, _, count) => reported.Add(count);
        var (session, _) = await log.ConnectedAsync();
        var place = await session.PlaceAsync();
        await session.AppendAsync(Record(InvalidationTarget.ForPattern(new GlobPattern("a:*")), InvalidationTarget.ForAllOf(["x", "y"])));
        await session.TailAsync(place);
        Assert.Equal([2], reported);
    }

    [Fact]
    public async Task A_tail_returns_records_in_pages_and_none_when_the_reader_is_too_far_behind()
    {
        var (session, _) = await _process.Log(limits: new RedisLogSettings { PageSize = 10, MostBehind = 20 }).ConnectedAsync();
        var place = await session.PlaceAsync();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => session.AppendAsync(Record($"k{i}"))));
        Assert.Equal((10, 20), (await session.TailAsync(place)) switch { var t => (t.Records.Count, t.Sequence) });
        await session.AppendAsync(Record("one more"));
        Assert.Equal((0, 21), (await session.TailAsync(place)) switch { var t => (t.Records.Count, t.Sequence) });
    }

    [Fact]
    public async Task Large_records_shorten_the_stream_so_that_it_keeps_its_size()
    {
        const int limit = 16 << 20;
        await using var process = new LogProcess(_server.Settings with { RequestTimeout = TimeSpan.FromSeconds(30) }); // 24 MB, on a machine with other work
        var (session, _) = await process.Log(limits: new RedisLogSettings { MostRecords = 10_000, StreamBytes = limit }).ConnectedAsync();
        await session.PlaceAsync();
        for (var i = 0; i < 60; i++)
        {
            await Task.WhenAll(Enumerable.Range(0, 50).Select(k => session.AppendAsync(Record($"{k}{new string('x', 8000)}"))));
        }

        Assert.Equal(3000, (await session.TailAsync(default)).Sequence);
        Assert.InRange((await _server.RunAsync("MEMORY", "USAGE", Stream, "SAMPLES", "0")).Integer, limit / 4, limit);
    }
}
