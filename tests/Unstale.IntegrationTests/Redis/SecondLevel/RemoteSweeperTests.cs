using Unstale.IntegrationTests.Support;
using Unstale.Log;
using Unstale.Redis.SecondLevel;
using Unstale.Redis.Telemetry;
using Xunit;

namespace Unstale.IntegrationTests.Redis.SecondLevel;

public sealed class RemoteSweeperTests : StoreTest
{
    [Fact]
    public async Task A_sweep_removes_the_matching_values_older_than_the_selector_and_no_other_key()
    {
        var two = Node.StoreOf("two:caches");
        for (var i = 0; i < 1500; i++)
        {
            Assert.True(await Node.LoadAsync($"a:{i}", "old", 0));
            Assert.True(await Node.LoadAsync($"b:{i}", "old", 0));
        }

        Assert.True(await Node.LoadAsync("a:two", "old", 0, store: two));
        Assert.True(await Node.LoadAsync("other", "old", 0, store: two));
        var lease = await Node.LeaseAsync("a:late");
        var selector = await Node.InvalidateGlobAsync("a:*");
        Assert.True(await Node.LoadAsync("a:new", "new", selector));
        await Raw.RunAsync("SET", PlaceOf("a:foreign"), "not ours");
        await Raw.RunAsync("RPUSH", PlaceOf("a:list"), "not ours");
        var before = await Raw.KeysAsync();

        await using var sweeper = new RemoteSweeper(Node.Log, Node.Said);
        await WaitForReclaimAsync();
        string[] spared = [.. before.Where(k => !k.StartsWith(PlaceOf("a:"), StringComparison.Ordinal) && k != PlaceOf("a:two", "two:caches")), PlaceOf("a:new"), PlaceOf("a:foreign"), PlaceOf("a:list")];
        Assert.Equal(spared.Order(StringComparer.Ordinal), await Raw.KeysAsync());
        Assert.Equal(("new", "old"), (await Node.GetAsync("a:new"), await Node.GetAsync("b:7")));
        Assert.Empty((await Node.AskAsync("b:7", Unstale.Remote.RemoteRequestKind.Value)).Selectors);
        Assert.Equal($"{selector}", await ControlAsync("newest_broad"));
        Assert.False(await Node.LoadAsync(lease!, "old", 0));
        Assert.StartsWith("Log shop: a sweep removed 1501 of 1504 values in ", Assert.Single(Node.Said.Of(EventIds.Swept)), StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string> Patterns => new()
    {
        { "x:?", "x:ä x:1", "x:12 x: y:1" },
        { "x:[a-c]", "x:b", "x:d x:[a-c]" },
        { @"x\*y*", "x*y x*yz", "xzy" },
        { @"x[\]*", "x] x*", "x]1 x1" },
        { @"\[a]*", "[a]1", "a1" },
        { "größe:*", "größe:1", "grösse:1" },
        { "*", "x größe", "" },
        { "*:1", "a:1 ::1", "a:12" },
        { "/[0-9]+", "1 23a", "a1" },
        { "/.*ß.", "größe", "ß" },
    };

    [Theory]
    [MemberData(nameof(Patterns))]
    public async Task A_sweep_removes_the_keys_that_the_matcher_of_the_engine_matches(string pattern, string removed, string kept)
    {
        foreach (var key in removed.Split(' ').Concat(kept.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
            Assert.True(await Node.LoadAsync(key, "old", 0));

        await Node.InvalidateAsync(InvalidationTarget.ForPattern(pattern[0] == '/' ? new RegexPattern(pattern[1..]) : new GlobPattern(pattern)));
        await using var sweeper = new RemoteSweeper(Node.Log, Node.Said);
        await WaitForReclaimAsync();
        Assert.Equal(
            kept.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(k => PlaceOf(k)).Order(StringComparer.Ordinal),
            await Raw.KeysAsync(StoreNode.Keys.Values + "*"));
    }

    [Fact]
    public async Task Only_values_with_all_tags_of_an_all_of_selector_are_removed()
    {
        Assert.True(await Node.LoadAsync("both", "old", 0, ["t", "u", "w"]));
        Assert.True(await Node.LoadAsync("one", "old", 0, ["t"]));
        Assert.True(await Node.LoadAsync("none", "old", 0));
        var selector = await Node.InvalidateAsync(InvalidationTarget.ForAllOf(["t", "u"]));
        Assert.True(await Node.LoadAsync("both after", "new", selector, ["t", "u"]));
        await using var sweeper = new RemoteSweeper(Node.Log, Node.Said);
        await WaitForReclaimAsync();
        Assert.Equal([PlaceOf("both after"), PlaceOf("none"), PlaceOf("one")], await Raw.KeysAsync(StoreNode.Keys.Values + "*"));
    }

    [Fact]
    public async Task A_single_sweep_serves_all_listed_selectors()
    {
        Assert.True(await Node.LoadAsync("ab:1", "old", 0));
        var first = await Node.InvalidateGlobAsync("ab:*");
        Assert.True(await Node.LoadAsync("ab:2", "young", first));
        Assert.True(await Node.LoadAsync("ac:1", "old", first));
        Assert.True(await Node.LoadAsync("both", "old", first, ["t", "u"]));
        await Node.InvalidateAsync(InvalidationTarget.ForPattern(new GlobPattern("ac:*")), InvalidationTarget.ForPattern(new RegexPattern("ad:.*")), InvalidationTarget.ForAllOf(["t", "u"]));
        await using var sweeper = new RemoteSweeper(Node.Log, Node.Said);
        await WaitForReclaimAsync();
        Assert.Equal([PlaceOf("ab:2")], await Raw.KeysAsync(StoreNode.Keys.Values + "*"));
        Assert.Single(Node.Said.Of(EventIds.Swept));
    }

    [Fact]
    public async Task The_newest_of_several_matching_patterns_decides_whether_a_value_is_swept()
    {
        var first = await Node.InvalidateGlobAsync("a*");
        Assert.True(await Node.LoadAsync("ab", "old", first));
        var second = await Node.InvalidateGlobAsync("ab*");
        Assert.True(await Node.LoadAsync("abc", "young", second));
        await using var sweeper = new RemoteSweeper(Node.Log, Node.Said);
        await WaitForReclaimAsync();
        Assert.Equal([PlaceOf("abc")], await Raw.KeysAsync(StoreNode.Keys.Values + "*"));
    }

    [Fact]
    public async Task Patterns_that_begin_with_halves_of_one_character_are_looked_for()
    {
        Assert.True(await Node.LoadAsync("a\U0001F600", "old", 0));
        Assert.True(await Node.LoadAsync("a\U0001F601", "old", 0));
        await Node.InvalidateAsync(
            InvalidationTarget.ForPattern(new GlobPattern("a\U0001F600*")), InvalidationTarget.ForPattern(new GlobPattern("a\U0001F601*")));
        await using var sweeper = new RemoteSweeper(Node.Log, Node.Said);
        await WaitForReclaimAsync();
        Assert.Empty(await Raw.KeysAsync(StoreNode.Keys.Values + "*"));
    }

    [Fact]
    public async Task A_sweep_that_finds_nothing_keeps_its_lease()
    {
        for (var i = 0; i < 2000; i++)
        {
            await Raw.RunAsync("SET", $"foreign:{i}", "x");
        }

        await Node.InvalidateGlobAsync("a*");
        await Raw.RunAsync("CONFIG", "RESETSTAT");
        Assert.True(await new Sweep(Node.Log, Node.Session.Link!, Node.Generation, "token", Stop) { RenewAfter = TimeSpan.Zero }.RunAsync());
        var renewals = (await Raw.RunAsync("INFO", "commandstats")).Text().Split('\n').Single(l => l.StartsWith("cmdstat_pexpire:", StringComparison.Ordinal));
        var scans = (await Raw.RunAsync("INFO", "commandstats")).Text().Split('\n').Single(l => l.StartsWith("cmdstat_scan:", StringComparison.Ordinal));
        Assert.Equal(CallsOf(scans), CallsOf(renewals));
        Assert.InRange(CallsOf(scans), 4, 100);
    }

    [Fact]
    public async Task A_listed_selector_that_cannot_be_read_matches_every_value()
    {
        Assert.True(await Node.LoadAsync("k", "old", 0));
        var selector = await Node.InvalidateGlobAsync("x*");
        Assert.True(await Node.LoadAsync("k2", "young", selector));
        await Raw.RunAsync("HSET", StoreNode.Keys.Control, "broad", $"{selector}:regex:1:(");
        await using var sweeper = new RemoteSweeper(Node.Log, Node.Said);
        await WaitForReclaimAsync();
        Assert.Equal([PlaceOf("k2")], await Raw.KeysAsync(StoreNode.Keys.Values + "*"));
    }

    [Fact]
    public void A_key_has_the_sequences_of_all_matching_patterns_newest_first() =>
        Assert.Equal("9 4 2", new PendingSelectors(9, "2:glob:2:x*3:glob:2:y*4:regex:4:x..?9:glob:1:*"u8).Match("xyz"));

    [Fact]
    public async Task Each_removed_value_counts_for_the_oldest_record_that_invalidated_it()
    {
        foreach (var key in (string[])["a:1", "a:2", "a:b:1", "c"])
            Assert.True(await Node.LoadAsync(key, "old", 0, key == "c" ? ["t", "u"] : []));
        var first = await Node.InvalidateGlobAsync("a:b:*");
        Assert.True(await Node.LoadAsync("a:b:2", "younger", first));
        var second = await Node.InvalidateGlobAsync("a:*");
        var third = await Node.InvalidateAsync(InvalidationTarget.ForAllOf(["t", "u"]), InvalidationTarget.ForPattern(new GlobPattern("c*")));
        var nothing = await Node.InvalidateGlobAsync("nothing*");
        Assert.Equal(RemovedValues.Running, await RemovedAsync(first));
        await using (var sweeper = new RemoteSweeper(Node.Log, Node.Said))
            await WaitForReclaimAsync();

        Assert.Equal([1, 3, 1, 0], await RemovedAsync(first, second, third, nothing));
        Assert.Equal($"{first}:1 {second}:3 {third}:1", await ControlAsync("removed"));
        Assert.Equal($"{nothing}", await ControlAsync("swept"));

        Assert.True(await Node.LoadAsync("a:9", "new", nothing));
        var later = await Node.InvalidateGlobAsync("a:*");
        await using (var sweeper = new RemoteSweeper(Node.Log, Node.Said))
            await WaitForReclaimAsync();

        Assert.Equal([1, 3, 1, 0, 1], await RemovedAsync(first, second, third, nothing, later));
    }

    [Fact]
    public async Task The_number_of_removed_values_is_unknown_without_a_sweep_that_counted_them()
    {
        Assert.True(await Node.LoadAsync("a:1", "old", 0));
        var selector = await Node.InvalidateGlobAsync("a:*");
        Assert.Equal(RemovedValues.Unknown, await Node.Session.RemovedValuesAsync(new LogPosition(0, Generation.Create(), selector), Stop));
        var more = string.Concat(Enumerable.Range(2, 64).Select(static i => $"{i}:glob:1:x"));
        await Raw.RunAsync("HSET", StoreNode.Keys.Control, "broad", more);
        Assert.Equal(RemovedValues.Unknown, await RemovedAsync(selector));
        await Raw.RunAsync("HSET", StoreNode.Keys.Control, "broad", "", "swept", "1");
        Assert.Equal(RemovedValues.None, await RemovedAsync(selector));
        await Raw.RunAsync("HSET", StoreNode.Keys.Control, "removed", "1:two");
        Assert.Equal(RemovedValues.Unknown, await RemovedAsync(selector));
        await Raw.RunAsync("HSET", StoreNode.Keys.Control, "removed", string.Join(' ', Enumerable.Range(2, 256).Select(static i => $"{i}:1")));
        Assert.Equal(RemovedValues.Unknown, await RemovedAsync(selector));
        await Raw.RunAsync("HSET", StoreNode.Keys.Control, "swept", "one");
        Assert.Equal(RemovedValues.Unknown, await RemovedAsync(selector));
        await Raw.RunAsync("DEL", StoreNode.Keys.Control);
        Assert.Equal(RemovedValues.Unknown, await RemovedAsync(selector));
    }

    [Fact]
    public void A_malformed_list_of_selectors_matches_every_key()
    {
        Assert.Equal("5", new PendingSelectors(5, "2:glob:2:x*3:glob:100:y"u8).Match("z"));
        Assert.Equal("", new PendingSelectors(5, "2:glob:2:x*"u8).Match("z"));
    }

    [Fact]
    public async Task A_second_node_finishes_the_sweep_of_a_node_that_died()
    {
        Assert.True(await Node.LoadAsync("a:1", "old", 0));
        await Node.InvalidateGlobAsync("a:*");
        await Raw.RunAsync("SET", StoreNode.Keys.Base + "sweep", "the dead one", "PX", "10000");
        Assert.False(await SweepOnceAsync());
        Assert.NotEqual("", await ControlAsync("broad"));
        await Raw.PassAsync(TimeSpan.FromSeconds(10));
        await using var sweeper = new RemoteSweeper(Node.Log, Node.Said);
        await WaitForReclaimAsync();
        Assert.Empty(await Raw.KeysAsync(StoreNode.Keys.Values + "*"));
        Assert.Empty(await Raw.KeysAsync(StoreNode.Keys.Base + "sweep"));
    }

    [Fact]
    public async Task All_nodes_together_sweep_once()
    {
        StoreNode[] nodes = [Node, await StartNodeAsync(), await StartNodeAsync()];
        for (var i = 0; i < 500; i++)
        {
            Assert.True(await Node.LoadAsync($"a:{i}", "old", 0));
        }

        await Node.InvalidateGlobAsync("a:*");
        RemoteSweeper[] sweepers = [.. nodes.Select(n => new RemoteSweeper(n.Log, n.Said))];
        await Eventually.TrueAsync("the list is empty", async () =>
        {
            await Task.WhenAll(nodes.Select(n => n.PlaceAsync()));
            return string.IsNullOrEmpty(await ControlAsync("broad"));
        });
        foreach (var sweeper in sweepers)
            await sweeper.DisposeAsync();

        Assert.Empty(await Raw.KeysAsync(StoreNode.Keys.Values + "*"));
        Assert.Single(nodes.SelectMany(n => n.Said.Of(EventIds.Swept)));
    }

    [Fact]
    public async Task A_sweep_of_another_generation_removes_nothing()
    {
        Assert.True(await Node.LoadAsync("a:1", "old", 0));
        await Node.InvalidateGlobAsync("a:*");
        var sweep = new Sweep(Node.Log, Node.Session.Link!, Generation.Create(), "token", Stop);
        Assert.False(await sweep.RunAsync());
        Assert.NotEmpty(await Raw.KeysAsync(StoreNode.Keys.Values + "*"));
    }

    [Fact]
    public async Task A_sweeper_that_is_disposed_sweeps_no_more()
    {
        var sweeper = new RemoteSweeper(Node.Log, Node.Said);
        await sweeper.DisposeAsync();
        await sweeper.DisposeAsync();
        await Node.InvalidateGlobAsync("a:*");
        await Node.PlaceAsync();
        Assert.Null(Node.Log.SelectorsListed);
        Assert.NotEqual("", await ControlAsync("broad"));
    }

    private async Task<long?[]> RemovedAsync(params long[] sequences)
    {
        var removed = new List<long?>();
        foreach (var sequence in sequences)
        {
            var values = await RemovedAsync(sequence);
            Assert.True(values.IsFinal);
            removed.Add(values.Count);
        }

        return [.. removed];
    }

    private async Task<RemovedValues> RemovedAsync(long sequence) =>
        await Node.Session.RemovedValuesAsync(new LogPosition(0, Node.Generation, sequence), Stop);

    private static int CallsOf(string statistics) => int.Parse(statistics.Split("calls=")[1].Split(',')[0]);

    private async Task<bool> SweepOnceAsync() => await new Sweep(Node.Log, Node.Session.Link!, Node.Generation, "token", Stop).RunAsync();

    /// <summary>Tails, as a node does, until no selector is listed any more.</summary>
    private Task WaitForReclaimAsync() => Eventually.TrueAsync("the list is empty", async () =>
    {
        await Node.PlaceAsync();
        return string.IsNullOrEmpty(await ControlAsync("broad")) && Node.Said.Of(EventIds.Swept).Count > 0;
    });
}
