using System.Text;
using Unstale.IntegrationTests.Redis.SecondLevel;
using Unstale.Log;
using Unstale.Redis.Connection;
using Unstale.Redis.SecondLevel;
using Unstale.Tests.Support;
using Xunit;
using static Unstale.IntegrationTests.Redis.Log.LogSessions;

namespace Unstale.IntegrationTests.Redis.Log;

/// <summary>List of caches that a call is made for, and the list of the log.</summary>
public sealed class ListedCachesTests : StoreTest
{
    [Fact]
    public async Task An_invalidated_key_is_removed_from_caches_that_another_process_has_listed()
    {
        var other = await StartNodeAsync();
        foreach (var cache in new[] { "default", "second", "third one" })
        {
            var store = other.StoreOf(cache);
            Assert.True(await other.LoadAsync("k", "v", await other.PlaceAsync(), store: store));
            await Node.InvalidateAsync(InvalidationTarget.ForTag("t"), InvalidationTarget.ForKey("k"));
            Assert.Null(await other.GetAsync("k", store));
            Assert.True((await Raw.RunAsync("GET", PlaceOf("k", cache))).IsNull);
        }
    }

    [Fact]
    public async Task Each_new_list_costs_one_more_call_and_the_same_list_none()
    {
        await Node.InvalidateKeyAsync("first");
        await Node.LoadAsync("k", "v", 1);
        var other = await StartNodeAsync();
        foreach (var node in new[] { Node, other })
        {
            Assert.Equal(2, await CallsAsync(() => node.InvalidateKeyAsync("k")));
            Assert.Equal(1, await CallsAsync(() => node.InvalidateKeyAsync("k")));
            Assert.Equal(1, await CallsAsync(() => node.InvalidateTagAsync("t")));
            Assert.Equal(1, await CallsAsync(() => node.InvalidateGlobAsync("x*")));
            Assert.Equal(1, await CallsAsync(() => node.SetAsync("k", "v", 1)));
        }

        await Raw.RunAsync("HSET", StoreNode.Keys.Control, "caches", "second default");
        Assert.Equal(2, await CallsAsync(() => Node.SetAsync("k", "v", 1)));
        Assert.Equal(2, await CallsAsync(() => other.InvalidateGlobAsync("y*")));
    }

    [Fact]
    public async Task Concurrent_records_of_every_kind_remove_the_values_of_all_their_keys()
    {
        await Node.LoadAsync("k0", "v", 0);
        await Node.LoadAsync("a", "v", 0, store: Node.StoreOf("second"));
        for (var i = 1; i < 100; i++)
            await Node.LoadAsync($"k{i}", "v", 0);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => i % 10 == 0
            ? Node.InvalidateAsync(InvalidationTarget.ForKey($"k{i}"), InvalidationTarget.ForPattern(new GlobPattern("nothing*")), InvalidationTarget.ForKey("a"))
            : Node.InvalidateAsync(InvalidationTarget.ForTag("t"), InvalidationTarget.ForKey($"k{i}"))));
        Assert.Empty((await Raw.RunAsync("KEYS", StoreNode.Keys.Values + "*")).Items);
    }

    [Fact]
    public async Task A_record_with_more_keys_than_Lua_unpacks_at_once_removes_the_value_of_each_key()
    {
        for (var i = 0; i < 8; i++)
            await Node.LoadAsync("k", "v", 0, store: Node.StoreOf($"cache{i}"));
        foreach (var i in new[] { 0, 250, 499 })
            Assert.True(await Node.LoadAsync($"key{i}", "v", 0, store: Node.StoreOf("cache7")));
        await Node.InvalidateAsync([.. Enumerable.Range(0, 500).Select(i => InvalidationTarget.ForKey($"key{i}"))]);
        await Node.InvalidateAsync([.. Enumerable.Range(0, 500).Select(i => InvalidationTarget.ForKey($"key{i}"))]);
        Assert.Equal(8, (await Raw.RunAsync("KEYS", StoreNode.Keys.Values + "*")).Items.Length);
    }

    [Fact]
    public async Task A_list_of_caches_that_changes_before_each_call_fails_the_append_without_a_change()
    {
        await Node.LoadAsync("k", "v", 0);
        await using var proxy = new RewritingProxy(Server.EndPoint, "$7\r\ndefault\r\n"u8.ToArray(), "$7\r\nDEFAULT\r\n"u8.ToArray());
        await using var process = new LogProcess(proxy.Settings);
        var log = process.Log();
        var (session, _) = await log.ConnectedAsync();
        var place = await session.PlaceAsync();
        proxy.Rewrites = true;
        foreach (var record in new[] { Record("k"), Record(InvalidationTarget.Everything) })
        {
            var failed = await Assert.ThrowsAsync<CallRefusedException>(() => session.AppendAsync(record));
            Assert.False(failed.OutcomeUnknown);
            Assert.Equal(
                "Log shop: the list of its caches changed before each of 8 calls of the script append, which changed nothing. Another program writes to the control hash of the log.",
                failed.Message);
        }

        var store = new RedisRemoteStore(log, "other", new RedisStoreSettings(), process.Said);
        var value = StoreNode.Value("v"u8.ToArray(), 0);
        await Assert.ThrowsAsync<CallRefusedException>(() => store.SetAsync(0, Record("k"), place.Generation, "k", value, Stop).AsTask());
        Assert.Equal("0", await ControlAsync("seq"));
        proxy.Rewrites = false;
        Assert.Equal(1, (await session.AppendAsync(Record("k"))).Sequence);
    }

    [Theory]
    [InlineData(" default  second ")]
    [InlineData("\u00fc")]
    [InlineData("default {x}")]
    public async Task A_list_of_caches_in_another_form_stays_unchanged_and_the_key_is_removed_from_each_listed_cache(string list)
    {
        await Node.InvalidateKeyAsync("first");
        await Raw.RunAsync("HSET", StoreNode.Keys.Control, "caches", list);
        foreach (var cache in list.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            await Raw.RunAsync("SET", $"{StoreNode.Keys.Values}{cache}:k", "v");
        await Node.InvalidateKeyAsync("k");
        Assert.Empty((await Raw.RunAsync("KEYS", StoreNode.Keys.Values + "*")).Items);
        Assert.Equal(list, await ControlAsync("caches"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_overlong_list_of_caches_makes_an_append_begin_a_new_generation(bool plain)
    {
        await Node.InvalidateKeyAsync("first");
        await Raw.RunAsync("HSET", StoreNode.Keys.Control, "caches", new string('x', 70_000));
        var reply = await Node.Session.AppendAsync(0, plain ? Record("k") : Record(InvalidationTarget.Everything), Stop);
        Assert.NotEqual(Node.Generation, reply.Generation);
        Assert.Equal((1, ""), (reply.Sequence, await ControlAsync("caches")));
    }

    [Fact]
    public async Task A_list_of_caches_with_bytes_that_are_not_valid_text_is_passed_on_unchanged()
    {
        await Node.InvalidateKeyAsync("first");
        using (var command = RedisCall.Create("HSET").Arg(StoreNode.Keys.Control).Arg("caches").Arg([0xFF, 0xFE]))
            await Raw.CallAsync(command);
        Assert.Equal(2, await CallsAsync(() => Node.InvalidateKeyAsync("k")));
        Assert.Equal(1, await CallsAsync(() => Node.InvalidateKeyAsync("k")));
    }

    /// <summary>Returns how many scripts the server ran during the action.</summary>
    private async Task<int> CallsAsync(Func<Task> during)
    {
        await Raw.RunAsync("CONFIG", "RESETSTAT");
        await during();
        var stats = (await Raw.RunAsync("INFO", "commandstats")).Text();
        return int.Parse(stats.Split("cmdstat_evalsha:calls=")[1].Split(',')[0], System.Globalization.CultureInfo.InvariantCulture);
    }
}
