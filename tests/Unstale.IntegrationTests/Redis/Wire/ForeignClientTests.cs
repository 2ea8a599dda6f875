using System.Text.RegularExpressions;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Wire;

/// <summary>Client of bare commands that joins a log by docs/wire-format.md alone.</summary>
public sealed partial class ForeignClientTests : WireTest
{
    [Fact]
    public async Task The_append_of_the_page_is_answered_stored_and_pushed_as_the_page_shows()
    {
        await Node.KeepsAsync("price:4");
        await Node.KeepsAsync("list", "product:4");
        await Node.KeepsAsync("stays", "product:5");
        var ear = await SubscribedAsync(Base + "ch");
        var generation = await GenerationAsync();

        var words = Words().Matches(WirePage.Example("append")[0]).Select(static m => m.Groups["word"].Value).ToArray();
        words[Array.IndexOf(words, "<script>")] = WirePage.Script("append");
        var answer = await Client.ArrayAsync(words);

        Assert.Equal(Here("answer"), answer.Cast<string>());
        Assert.Equal(Here("push").Single(), (await ear.HearAsync()).Replace('\u00ff', '|'));
        var entry = (object?[])(await Client.ArrayAsync("XRANGE", Base + "log", "0-1", "0-1"))[0]!;
        string[] fields = [.. ((object?[])entry[1]!).Cast<string>()];
        Assert.Equal(Here("entry"), fields.Chunk(2).Select(static pair => $"{pair[0]} {pair[1]}"));
        await Node.LosesAsync("price:4");
        await Node.LosesAsync("list");
        Assert.True(Node.Holds("stays"));

        IEnumerable<string> Here(string example) => WirePage.Example(example).Select(line => line.Replace("<generation>", generation, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_follower_applies_what_a_node_raises_and_misses_nothing()
    {
        var ear = await SubscribedAsync(Base + "ch");
        var follower = new BareFollower(Client, Base);
        await follower.ConfirmAsync();
        Assert.Equal(["forget"], follower.Did);
        follower.Did.Clear();

        await Node.Invalidator.ChangedAsync("product", 4, cancellationToken: Stop);
        await Node.Invalidator.InvalidateAsync(keys: ["price:4"], patterns: [new GlobPattern("feed:*"), new RegexPattern("user:[0-9]+$")], reason: "é", cancellationToken: Stop);
        await Node.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop);
        for (var received = 0; received < 3; received++)
            Assert.True(follower.Push(await ear.HearAsync()));

        string[] expected = ["tag product", "tag product:4", "key price:4", "glob feed:*", "regex user:[0-9]+$", "everything "];
        Assert.Equal(expected, follower.Did);

        // Records that were not received are read: page by page, and by a second follower from the position of the first.
        for (var i = 0; i < 5; i++)
            await Node.Invalidator.InvalidateKeyAsync($"k{i}", cancellationToken: Stop);
        follower.Did.Clear();
        await follower.ConfirmAsync(page: "2");
        Assert.Equal(["key k0", "key k1", "key k2", "key k3", "key k4"], follower.Did);
    }

    [Fact]
    public async Task A_follower_behind_a_trimmed_log_or_too_far_behind_drops_everything()
    {
        var follower = new BareFollower(Client, Base);
        await follower.ConfirmAsync();
        for (var i = 0; i < 5; i++)
            await AppendAsync($"00000000000000a{i}", "key", "k");
        follower.Did.Clear();
        await Client.CallAsync("XTRIM", Base + "log", "MAXLEN", "2");
        await follower.ConfirmAsync();
        Assert.Equal(["forget"], follower.Did);
        await AppendAsync("00000000000000b0", "key", "after");
        await follower.ConfirmAsync();
        Assert.Equal(["forget", "key after"], follower.Did);

        follower.Did.Clear();
        await AppendAsync("00000000000000b1", "key", "far");
        await follower.ConfirmAsync(mostBehind: "0");
        Assert.Equal(["forget"], follower.Did);
    }

    [Fact]
    public async Task A_follower_drops_everything_and_follows_a_new_generation()
    {
        var follower = new BareFollower(Client, Base);
        await follower.ConfirmAsync();
        var before = await GenerationAsync();
        await Client.CallAsync("FLUSHALL");
        follower.Did.Clear();
        await follower.ConfirmAsync();
        Assert.Contains("forget", follower.Did);
        Assert.NotEqual(before, await GenerationAsync());
    }

    [Fact]
    public async Task A_tail_reports_superseded_for_an_old_link_broken_for_a_fork_and_other_for_another_history()
    {
        var generation = await GenerationAsync();
        Assert.Equal("other", await StateAsync("", 0, None, link: 2));
        await AppendAsync("00000000000000d1", "key", "k");
        Assert.Equal("records", await StateAsync(generation, 1, "00000000000000d1", link: 2));
        Assert.Equal("superseded", await StateAsync(generation, 1, "00000000000000d1", link: 1));
        Assert.Equal("broken", await StateAsync(generation, 1, "00000000000000d2", link: 2));
        Assert.Equal("broken", await StateAsync(generation, 2, "00000000000000d2", link: 2));

        var answer = await RunAsync("create", Hex(32), generation);
        Assert.Equal(await GenerationAsync(), answer);
        Assert.NotEqual(generation, answer);
        Assert.Equal("other", await StateAsync(generation, 1, "00000000000000d1", link: 2));
    }

    [Fact]
    public async Task A_node_waits_for_a_follower_until_it_has_applied_the_record_or_left()
    {
        var ear = await SubscribedAsync(Base + "ch");
        var follower = new BareFollower(Client, Base);
        await follower.ConfirmAsync();
        var listed = (await Client.TextAsync("HGET", Base + "ctl", $"node:{follower.Node}")).Split(' ');
        Assert.Equal(["1", BareFollower.ServesFor], [listed[0], listed[3]]);

        var receipt = await Node.Invalidator.InvalidateKeyAsync("a", cancellationToken: Stop);
        var everywhere = receipt.WaitForAllNodesAsync(Stop).AsTask();
        await Eventually.TrueAsync("the call to confirm is heard", async () => await ear.HearAsync() == "?");
        Assert.False(everywhere.IsCompleted);
        await follower.ConfirmAsync();
        await everywhere;

        Assert.Equal(1L, await Client.CallAsync("HDEL", Base + "ctl", $"node:{follower.Node}"));
        var members = await Client.ArrayAsync(WirePage.Call("members", Base, []));
        Assert.Equal([await GenerationAsync()], [members[0]]);
        Assert.Equal(3, members.Length);
    }

    [Fact]
    public async Task A_value_stored_by_a_node_is_readable_by_the_layout_table_of_the_page()
    {
        await Node.Invalidator.InvalidateKeyAsync("other", cancellationToken: Stop);
        await Node.KeepsAsync("price:4", "product:4", "prices");
        await Eventually.TrueAsync("the value is on the server", async () => await Client.CallAsync("GET", Base + "v:default:price:4") is not null);
        var answer = await ReadAsync("price:4");
        var value = new BareValue((string)answer[0]!);

        Assert.Equal(("UNS1", await GenerationAsync(), 1L), (value.Format, value.Generation, value.Stamp));
        Assert.Equal(value.Computed, value.Checksum);
        Assert.Equal((0, 300_000L, "?made by the node".Length), (value.Codec, value.Life, value.PlainLength));
        Assert.Equal(["product:4", "prices"], value.Tags);
        Assert.Equal("\u0001made by the node", value.Payload);
        Assert.Equal(BareValue.IdentityOf("text", "System.String, System.Private.CoreLib"), value.Identity);
        Assert.Equal("1", answer[1]);
        Assert.InRange((long)answer[2]!, 1, value.Life);
        var time = (await Client.ArrayAsync("TIME")).Select(static part => long.Parse((string)part!, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        Assert.InRange(value.Ends - (time[0] * 1000), 240_000, 301_000);
        Assert.Equal(1, value.Confirmed);
        Assert.InRange(value.Minute, (time[0] / 60) - 1, time[0] / 60);
        Assert.Equal("", answer[3]);

        await Node.Invalidator.InvalidateTagAsync("prices", cancellationToken: Stop);
        Assert.Null(await ReadAsync("price:4", await GenerationAsync()));
    }

    [Fact]
    public async Task A_value_stored_by_a_foreign_client_that_follows_the_page_is_read_by_a_node()
    {
        var follower = new BareFollower(Client, Base);
        await follower.ConfirmAsync();
        var generation = await GenerationAsync();
        Assert.Equal("0", await LeaseAsync("price:4", generation));
        Assert.Null(await LeaseAsync("price:4", generation, "another"));
        var value = BareValue.Make(generation, follower.Cursor, 60_000, "product:4", "\u0001made elsewhere");
        Assert.Equal(1L, await RunOnAsync("price:4", "store_loaded", generation, "token", "0", "60000", value.ToString()));
        Assert.Equal("made elsewhere", await Node.Cache.GetOrCreateAsync("price:4", static _ => new ValueTask<string>("made by the node"), cancellationToken: Stop));
    }

    [Fact]
    public async Task A_value_that_was_read_before_an_invalidation_is_refused()
    {
        var generation = await GenerationAsync();
        await LeaseAsync("price:4", generation);
        await Node.Invalidator.InvalidateKeyAsync("price:4", cancellationToken: Stop);
        var value = BareValue.Make(generation, 0, 60_000, "product:4", "old");
        Assert.Equal(0L, await RunOnAsync("price:4", "store_loaded", generation, "token", "0", "60000", value.ToString()));
        Assert.Equal(0L, await RunOnAsync("price:4", "release", "token", "0"));
        Assert.Null(await Client.CallAsync("GET", Base + "v:default:price:4"));
    }

    [Fact]
    public async Task A_message_received_by_several_clients_becomes_one_record()
    {
        Assert.Equal(1L, await AppendExternalAsync("claim", "00000000000000c1"));
        Assert.Equal(0L, await AppendExternalAsync("claim", "00000000000000c2"));
        Assert.Equal(1L, await Client.CallAsync("XLEN", Base + "log"));
    }

    private async Task<object?> AppendExternalAsync(string claim, string id)
    {
        var caches = await CachesAsync();
        string[] keys = [$"{Base}heard:{claim}", .. WirePage.Entries(Base, caches, "key", "k")];
        return await Client.CallAsync(WirePage.Call("append_external", Base, keys, [Hex(32), "100000", "8192", caches, "60000", "1", "1", .. Record(id, "key", "k")]));
    }

    private async Task<string?> StateAsync(string generation, long cursor, string id, int link) =>
        (string?)((object?[])(await RunAsync("tail", generation, $"{cursor}", id, "0", None, "00000000c0ffee02", $"{link}", "5000", "1000", "20000"))!)[0];

    private async Task<object?[]> ReadAsync(string key) =>
        Assert.IsType<object?[]>(await ReadAsync(key, await GenerationAsync()));

    /// <summary>Words in the syntax of redis-cli.</summary>
    [GeneratedRegex("\"(?<word>[^\"]*)\"|(?<word>[^ \"]+)", RegexOptions.None, 1000)]
    private static partial Regex Words();
}
