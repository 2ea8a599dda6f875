using Unstale.Log;
using Unstale.Redis.Log;
using Unstale.Tests.Log;
using Unstale.Tests.Support;
using Xunit;
using static Unstale.IntegrationTests.Redis.Log.LogSessions;

namespace Unstale.IntegrationTests.Redis.Log;

/// <summary>Losses of data on a server, and their report by the log: an incomplete history is never treated as whole.</summary>
public sealed class RedisLogBreakTests : IAsyncLifetime
{
    private const string Base = "{unstale:shop:0}:";
    private RedisServer _server = null!;
    private LogProcess _process = null!;
    private RedisLogSession _session = null!;
    private RecordingObserver _observer = null!;
    private TailRequest _start;
    private TailRequest _place;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartAsync("--appendonly", "yes", "--appendfsync", "always");
        _process = new LogProcess(_server);
        (_session, _observer) = await _process.Log().ConnectedAsync();
        _start = await _session.PlaceAsync();
        var record = Record(InvalidationTarget.ForKey("k"), InvalidationTarget.ForTag("t"));
        await _session.AppendAsync(record);
        _place = _start with { Cursor = 1, IdAtCursor = record.Id };
    }

    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync();
        await _process.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_restart_breaks_the_history_whether_or_not_the_server_keeps_its_data(bool keepsData)
    {
        await _server.StopAsync();
        if (!keepsData)
            Directory.Delete(Path.Combine(_server.Folder, "appendonlydir"), recursive: true);

        await _server.StartAgainAsync();
        await Eventually.Holds("the session is connected again", () => _observer.Connections == 2);
        Assert.Equal(1, _observer.Disconnections);
        Assert.Equal(keepsData ? 2 : 0, (await _server.RunAsync("EXISTS", Base + "ctl", Base + "log")).Integer);
        await AssertBrokenAsync(_place, keepsData ? _start.Generation : Generation.None);
    }

    [Fact]
    public async Task A_deleted_control_hash_breaks_the_history()
    {
        await _server.RunAsync("DEL", Base + "ctl");
        await AssertBrokenAsync(_place, Generation.None);
    }

    [Fact]
    public async Task A_flush_breaks_the_history()
    {
        await _server.RunAsync("FLUSHALL");
        await AssertBrokenAsync(_place, Generation.None);
    }

    [Fact]
    public async Task An_append_to_a_broken_history_begins_a_new_one()
    {
        await _server.RunAsync("FLUSHALL");
        var reply = await _session.AppendAsync(Record("k2"));
        Assert.Equal((1, 0), (reply.Sequence, reply.PreviousId));
        Assert.NotEqual(_start.Generation, reply.Generation);
        Assert.Equal((TailState.OtherGeneration, reply.Generation), (await _session.TailAsync(_place)) switch { var t => (t.State, t.Generation) });
    }

    [Fact]
    public async Task A_different_history_under_the_same_sequence_is_reported_as_broken_and_replaced_on_request()
    {
        await AssertBrokenAsync(_place with { IdAtCursor = _place.IdAtCursor ^ 1 }, _start.Generation);
    }

    [Fact]
    public async Task A_deleted_stream_leaves_a_gap()
    {
        await _session.AppendAsync(Record("k2"));
        await _server.RunAsync("DEL", Base + "log");
        var tail = await _session.TailAsync(_place);
        Assert.Equal((TailState.Records, 2, 0), (tail.State, tail.Sequence, tail.Records.Count));
        await _session.AppendAsync(Record("k3"));
        Assert.Equal([3L], (await _session.TailAsync(_place)).Records.Select(r => r.Sequence));
    }

    [Fact]
    public async Task A_stream_trimmed_while_a_node_was_disconnected_leaves_a_gap()
    {
        for (var i = 2; i <= 10; i++)
        {
            await _session.AppendAsync(Record($"k{i}"));
        }

        await _server.RunAsync("XTRIM", Base + "log", "MAXLEN", "3");
        var tail = await _session.TailAsync(_place);
        Assert.Equal((TailState.Records, 10), (tail.State, tail.Sequence));
        Assert.Equal([8L, 9L, 10L], tail.Records.Select(r => r.Sequence));
        await _server.RunAsync("XTRIM", Base + "log", "MAXLEN", "0");
        Assert.Empty((await _session.TailAsync(_place)).Records);
    }

    [Fact]
    public async Task Deleted_tag_hashes_raise_the_floor_of_the_tags_and_later_appends_succeed()
    {
        await _server.RunAsync("DEL", Base + "tags:0", Base + "tags:1");
        var tail = await _session.TailAsync(_place);
        Assert.Equal((TailState.Records, _start.Generation, 1), (tail.State, tail.Generation, tail.Sequence));
        Assert.Equal("1", (await _server.RunAsync("HGET", Base + "ctl", "tags_floor")).Text());
        Assert.Equal(2, (await _session.AppendAsync(Record("k2"))).Sequence);
    }

    [Theory]
    [InlineData("9007199254740991")]
    [InlineData("9007199254740992")]
    [InlineData("9223372036854775807")]
    [InlineData("1e300")]
    [InlineData("-5")]
    [InlineData("spoilt")]
    public async Task A_sequence_that_the_scripts_cannot_count_on_from_breaks_the_history(string sequence)
    {
        await _server.RunAsync("HSET", Base + "ctl", "seq", sequence);
        await AssertBrokenAsync(_place, _start.Generation);
    }

    [Theory]
    [InlineData("9007199254740991")]
    [InlineData("9007199254740992")]
    [InlineData("spoilt")]
    public async Task An_append_behind_the_last_sequence_begins_a_new_history(string sequence)
    {
        await _server.RunAsync("HSET", Base + "ctl", "seq", sequence);
        var reply = await _session.AppendAsync(Record("k2"));
        Assert.Equal((1, 0), (reply.Sequence, reply.PreviousId));
        Assert.NotEqual(_start.Generation, reply.Generation);
        Assert.Equal(2, (await _session.AppendAsync(Record("k3"))).Sequence);
    }

    [Fact]
    public async Task Sequences_are_counted_exactly_up_to_the_last()
    {
        const long Last = 9_007_199_249_999_999;
        await _server.RunAsync("HSET", Base + "ctl", "seq", "9007199249999997");
        var replies = new[] { await _session.AppendAsync(Record("k2")), await _session.AppendAsync(Record("k3")), await _session.AppendAsync(Record("k4")) };
        Assert.Equal([Last - 1, Last, Last + 1], replies.Select(r => r.Sequence));
        Assert.Equal(1, (await _session.AppendAsync(Record("k5"))).Sequence);
    }

    [Theory]
    [InlineData("4294967296", 4_294_967_296)]
    [InlineData("922337203685477", 922_337_203_685_477)]
    [InlineData("9223372036854775807", 922_337_203_685_477)]
    public async Task The_list_of_nodes_contains_a_node_with_an_extreme_serving_time(string servesFor, long milliseconds)
    {
        var seconds = (await _server.RunAsync("TIME")).Items[0].Text();
        await _server.RunAsync("HSET", Base + "ctl", "node:aaaaaaaaaaaaaaaa", $"1 {_start.Generation} 1 {servesFor} {seconds}000");
        var members = await _session.MembersAsync(0, TestContext.Current.CancellationToken);
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), members.Members.Single(m => m.Node == "aaaaaaaaaaaaaaaa").ServesFor);
    }

    /// <summary>
    /// Asserts that the tail reports a broken history and the generation that must not be used again, and that a new generation begins on request.
    /// </summary>
    private async Task AssertBrokenAsync(TailRequest place, Generation broken)
    {
        var reply = await _session.TailAsync(place);
        Assert.Equal((TailState.Broken, broken), (reply.State, reply.Generation));
        await _session.CreateGenerationAsync(0, broken, TestContext.Current.CancellationToken);
        var next = await _session.TailAsync(place);
        Assert.Equal((TailState.OtherGeneration, 0, 0), (next.State, next.Sequence, next.LastId));
        Assert.NotEqual(_start.Generation, next.Generation);
        Assert.Equal((next.Generation, 1, 0), (await _session.AppendAsync(Record("k"))) switch { var r => (r.Generation, r.Sequence, r.PreviousId) });
    }
}
