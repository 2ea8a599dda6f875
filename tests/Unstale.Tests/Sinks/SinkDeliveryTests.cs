using Microsoft.Extensions.DependencyInjection;
using Unstale.Sinks;
using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Sinks;

/// <summary>A sink receives every record of a cluster's log once, in the log's order, from any node.</summary>
public sealed class SinkDeliveryTests : IAsyncDisposable
{
    private readonly TestCluster _cluster = new(0);
    private readonly RecordingSink _sink = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_sink_receives_records_of_all_nodes_once_and_in_the_order_of_the_log()
    {
        var (reported, other) = await StartAsync();
        for (var i = 0; i < 50; i++)
            await (i % 2 == 0 ? reported : other).Invalidator.InvalidateKeyAsync($"k{i}", reason: "test", cancellationToken: Stop);
        await HearsAsync("every record", 51);
        Assert.Equal(_cluster.Server.Records.Select(r => $"key {r.Record.Targets[0].Text}").Prepend("everything"), _sink.Words);
        Assert.Equal(Enumerable.Range(0, 51).Select(i => (long)i), _sink.Invalidations.Select(i => i.Position.Sequence));
        Assert.All(_sink.Invalidations.Skip(1), i => Assert.Equal("test", i.Record!.Reason));
        Assert.Equal(reported.Position, _sink.Invalidations[^1].Position);
    }

    [Fact]
    public async Task Own_records_that_were_acknowledged_before_those_of_others_were_received_wait_for_their_turn()
    {
        var (reported, other) = await StartAsync();
        reported.Session.HoldsPushes = true;
        await other.Invalidator.InvalidateKeyAsync("first", cancellationToken: Stop);
        await reported.Invalidator.InvalidateKeyAsync("second", cancellationToken: Stop);
        await reported.Invalidator.InvalidateKeyAsync("third", cancellationToken: Stop);
        Assert.Equal(["everything"], _sink.Words);
        _cluster.Advance(1);
        await HearsAsync("all three", 4);
        reported.Session.HoldsPushes = false;
        _cluster.Advance(1);
        await other.Invalidator.InvalidateKeyAsync("fourth", cancellationToken: Stop);
        await HearsAsync("the fourth", 5);
        Assert.Equal(["everything", "key first", "key second", "key third", "key fourth"], _sink.Words);
    }

    [Fact]
    public async Task The_node_applies_a_record_before_the_sink_receives_it()
    {
        ClusterNode? reported = null;
        var started = false;
        var held = new List<bool>();
        var source = new Source();
        var node = Add("callback", (invalidation, _) =>
        {
            if (invalidation.IsEverything)
                Volatile.Write(ref started, true);
            else
                held.Add(reported!.Holds("k"));
            return ValueTask.CompletedTask;
        });
        reported = node;
        var other = _cluster.Add();
        await Eventually.Holds("its node has found its place", () => Volatile.Read(ref started));
        await reported.ReadAsync("k", source);
        Assert.True(reported.Holds("k"));
        await other.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        await Eventually.Holds("it is told", () => held.Count == 1);
        Assert.Equal([false], held);
    }

    [Fact]
    public async Task A_new_generation_is_everything_and_its_records_follow()
    {
        var (reported, _) = await StartAsync();
        await reported.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        await HearsAsync("the key", 2);
        _cluster.Server.RestartWithoutData();
        await HearsUpToAsync(new LogPosition(0, _cluster.Server.Generation, 1));
        Assert.Equal(["everything", "key k", "everything"], _sink.Words.Take(3)); // the last one includes the key if already in the new generation
        Assert.Null(_sink.Invalidations[2].Record);
        await reported.Invalidator.InvalidateKeyAsync("next", cancellationToken: Stop);
        await HearsUpToAsync(reported.Position);
        Assert.Equal("key next", _sink.Words[^1]);
    }

    [Fact]
    public async Task A_sink_receives_everything_when_its_node_missed_trimmed_records()
    {
        _cluster.Server.LogLength = 4;
        var (reported, other) = await StartAsync();
        reported.Session.Cut();
        for (var i = 0; i < 10; i++)
            await other.Invalidator.InvalidateKeyAsync($"k{i}", cancellationToken: Stop);
        reported.Session.Reconnect();
        await HearsAsync("that it fell behind", 2, meanwhile: () => _cluster.Advance(.1));
        await other.Invalidator.InvalidateKeyAsync("next", cancellationToken: Stop);
        await HearsAsync("what follows", 3);
        Assert.Equal(["everything", "everything", "key next"], _sink.Words);
    }

    [Fact]
    public async Task A_sink_that_outlives_the_process_may_be_skipped_at_the_start_but_not_later()
    {
        var node = _cluster.Add(more: s => Builder(s).AddSink("heard", _ => _sink, o => o.EverythingAtStart = false));
        await node.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        await HearsAsync("the key", 1);
        _cluster.Server.RestartWithoutData();
        await HearsUpToAsync(new LogPosition(0, _cluster.Server.Generation, 1));
        Assert.Equal(["key k", "everything"], _sink.Words.Take(2));
    }

    [Fact]
    public async Task A_log_of_this_process_begins_with_the_first_record()
    {
        await using var cache = new CacheUnderTest(services: s => Builder(s, "default").AddSink("heard", _ => _sink));
        await cache.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        await HearsAsync("the tag", 1);
        Assert.Equal(["tag t"], _sink.Words);
    }

    [Fact]
    public async Task Every_sink_of_every_cache_of_a_log_receives_its_records_and_sinks_of_other_logs_do_not()
    {
        var second = new RecordingSink();
        var apart = new RecordingSink();
        var node = _cluster.Add(more: s =>
        {
            Builder(s).AddSink("heard", _ => _sink).AddSink("second", _ => second);
            s.AddUnstale("apart", o => o.Log = "apart").AddSink("heard", _ => apart);
        });
        await HearsAsync("that its node has found its place", 1);
        await Eventually.Holds("the second hears that too", () => second.Words.Count == 1);
        await node.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        await HearsAsync("the key", 2);
        await Eventually.Holds("the second hears it", () => second.Words.Count == 2);
        await node.CacheNamed("apart").Invalidator.InvalidateKeyAsync("x", cancellationToken: Stop);
        await Eventually.Holds("the one apart hears its own", () => apart.Words.Count == 1);
        Assert.Equal(["key x"], apart.Words);
    }

    [Fact]
    public async Task Async_locals_of_the_invalidating_flow_do_not_reach_the_sink()
    {
        var flow = new AsyncLocal<string> { Value = "the caller's" };
        var seen = new List<string?>();
        await using var cache = new CacheUnderTest(services: s => Builder(s, "default").AddSink("callback", (_, _) =>
        {
            seen.Add(flow.Value);
            return ValueTask.CompletedTask;
        }));
        await cache.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        await Eventually.Holds("it is told", () => seen.Count == 1);
        Assert.Equal([null], seen);
    }

    private static IUnstaleBuilder Builder(IServiceCollection services, string cache = "shop") => services.AddUnstale(cache);

    private ClusterNode Add(string name, Func<SinkInvalidation, CancellationToken, ValueTask> callback) =>
        _cluster.Add(more: s => Builder(s).AddSink(name, callback));

    private async Task<(ClusterNode Reported, ClusterNode Other)> StartAsync()
    {
        var reported = _cluster.Add(more: s => Builder(s).AddSink("heard", _ => _sink));
        var other = _cluster.Add();
        await HearsAsync("that its node has found its place", 1);
        return (reported, other);
    }

    private Task HearsUpToAsync(LogPosition position) =>
        Eventually.Holds($"the sink has received the log up to {position}", () => _sink.Invalidations is [.., var last] && last.Position == position);

    private Task HearsAsync(string what, int count, Action? meanwhile = null) =>
        Eventually.Holds($"the sink receives {what}", () => _sink.Words.Count >= count, meanwhile);
}
