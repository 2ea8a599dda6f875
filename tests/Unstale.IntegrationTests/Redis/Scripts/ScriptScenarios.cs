using Xunit;
using static Unstale.IntegrationTests.Redis.Scripts.ScriptRig;

namespace Unstale.IntegrationTests.Redis.Scripts;

/// <summary>Behaviour of the scripts, case by case, on a server that has just begun a generation.</summary>
internal static partial class ScriptScenarios
{
    public static IReadOnlyDictionary<string, Func<ScriptRig, Task>> All { get; } = new Dictionary<string, Func<ScriptRig, Task>>(StringComparer.Ordinal)
    {
        ["records are dense and chained"] = RecordsAreDenseAsync,
        ["a message received by several nodes becomes one record"] = ExternalIsOneRecordAsync,
        ["a claim of another type is reported and replaced"] = ForeignClaimIsReportedAndReplacedAsync,
        ["another run id is another history for an external append"] = ExternalInAnotherRunAsync,
        ["an invalidated key is removed from every cache, with its lease"] = KeyIsRemovedEverywhereAsync,
        ["a call for another list of caches changes nothing"] = OtherListAsync,
        ["an append without the keys of its records changes nothing"] = MissingKeysAsync,
        ["a plain append refuses a history that is not intact"] = PlainNeedsIntactHistoryAsync,
        ["a plain append has the effects of an append"] = PlainIsTheSameAsync,
        ["a skipped record invalidates no values"] = SkippedAsync,
        ["a tag is compared by its last invalidation"] = TagsAreComparedAsync,
        ["everything and unknown kinds raise the floor"] = FloorAsync,
        ["selectors above a value are listed, and the 65th is everything"] = SelectorsAsync,
        ["another run id is another history"] = OtherRunAsync,
        ["a history ends at the last sequence"] = NumbersEndAsync,
        ["another replication id is another history"] = OtherReplicationAsync,
        ["a hidden run id is not compared"] = HiddenRunAsync,
        ["the run id is that of the executing server"] = ExecutingServerAsync,
        ["a fork is detected by ids"] = ForksAsync,
        ["an older link is refused"] = OlderLinkAsync,
        ["a set is fenced"] = SetIsFencedAsync,
        ["a set is validated by its stamp"] = SetIsValidatedAsync,
        ["a loaded value is validated on the server"] = LoadIsValidatedAsync,
        ["a lease belongs to its token"] = LeasesAsync,
        ["a call returns the value or grants the lease"] = ValueOrLeaseAsync,
        ["a stored value ends with its end of life and its confirmation"] = EndingsAsync,
        ["a valid value is confirmed once a minute"] = ConfirmedAsync,
        ["no value is confirmed while a pattern is listed"] = NotConfirmedBelowPatternsAsync,
        ["no value is confirmed in a broken history"] = NotConfirmedInBrokenHistoryAsync,
        ["lost tags invalidate values with tags"] = LostTagsAsync,
        ["tag hashes alternate"] = TagHashesAlternateAsync,
        ["of two versions the newer wins"] = VersionsWinAsync,
        ["a new history has no versions"] = VersionsOfNewHistoryAsync,
        ["every record with a version raises its cell"] = VersionsReportedAsync,
        ["a version is recorded even if its value is refused"] = VersionsFencedAsync,
        ["lost versions are unsure"] = VersionsLostAsync,
        ["everything removes the versions"] = VersionsAndEverythingAsync,
        ["version hashes alternate"] = VersionHashesAlternateAsync,
        ["a history without versions obtains them"] = VersionsOfAnOlderFormatAsync,
        ["a sweep removes the selectors listed at its beginning"] = SweepAsync,
        ["newer values are not removed"] = NewerValuesAsync,
        ["a removed value counts for the oldest record that invalidated it"] = RemovedValuesAsync,
        ["a second creation changes nothing"] = CreateAsync,
        ["another number of partitions is refused"] = PartitionsAsync,
        ["members are listed"] = MembersAsync,
        ["a node too far behind receives no page"] = PagesAsync,
        ["garbage is a miss"] = GarbageAsync,
        ["a history without confirmations is broken"] = UnconfirmedAsync,
        ["only a node of a history confirms it"] = ConfirmingAsync,
        ["silent nodes are dropped and still counted"] = DroppingAsync,
        ["a dropped node sets nothing until it has a new link"] = DroppedLinkAsync,
        ["the serves-for of older histories is reported"] = ServedBeforeAsync,
        ["an unused cache is removed from the list with its values"] = CachesRotateAsync,
        ["the list of caches is bounded"] = ManyCachesAsync,
        ["the keys of an unused log expire"] = ExpiryAsync,
        ["a record of a key invalidates values computed from the key"] = DependencyTagsAsync,
        ["a set is validated by the dependency tags of its value"] = DependencyTagsOfSetsAsync,
        ["a swept pattern invalidates values computed from matching keys"] = SweptPatternsAsync,
        ["cells of keys alternate with tags"] = DependencyTagsAlternateAsync,
        ["a record of a row invalidates values that depend on its table"] = RowsAsync,
        ["a direct record excludes declared dependents"] = DirectRecordsAsync,
        ["a value with unrecorded dependencies is invalidated by any record"] = AnyRecordAsync,
    };

    private static async Task RecordsAreDenseAsync(ScriptRig rig)
    {
        var first = await rig.AppendAsync(new ScriptRecord(Id(1), ["key a"]), new ScriptRecord(Id(2), ["tag t", "glob u*"]));
        Assert.Equal([Gen, "1", None], first.Items.Select(i => i.Text()));
        var second = await rig.AppendAsync(Id(3), "everything ");
        Assert.Equal([Gen, "3", Id(2)], second.Items.Select(i => i.Text()));
        var entries = await rig.CommandAsync("XRANGE", rig.Base + "log", "-", "+");
        Assert.Equal(["0-1", "0-2", "0-3"], entries.Items.Select(e => e.Items[0].Text()));
        Assert.Equal(
            ["prev", Id(1), "f", "1", "id", Id(2), "at", "1", "by", "n1 shop", "tag", "t", "glob", "u*"],
            entries.Items[1].Items[1].Items.Select(f => f.Text()));
        Assert.Equal(("3", Id(3)), (await rig.ControlAsync("seq"), await rig.ControlAsync("last")));
    }

    private static async Task KeyIsRemovedEverywhereAsync(ScriptRig rig)
    {
        await rig.LoadAsync("k", 0);
        await rig.LeaseAsync("k", "x", cache: "second");
        Assert.Equal(1, await rig.LoadUnderAsync("x", "k", 0, [], cache: "second"));
        await rig.LeaseAsync("k", "late");
        await rig.AppendAsync(Id(1), "key k");
        Assert.True((await rig.GetAsync("k")).IsNull);
        Assert.True((await rig.GetAsync("k", cache: "second")).IsNull);
        Assert.Equal(0, await rig.LoadUnderAsync("late", "k", 1, []));
        Assert.Equal(0, await rig.LoadUnderAsync("late", "k", 0, []));

        // A plain append, which the log accepts after its first record, and a set of one cache.
        foreach (var write in new Func<Task>[] { () => rig.AppendAsync(Id(2), "key k"), () => rig.SetAsync("k", 0, Id(3), []) })
        {
            foreach (var kind in new[] { "v", "l" })
            {
                await rig.CommandAsync("SET", $"{rig.Base}{kind}:second:k", "x");
                await rig.CommandAsync("SET", $"{rig.Base}{kind}:{Cache}:k", "x");
            }

            await write();
            Assert.Equal(0, (await rig.CommandAsync("EXISTS", $"{rig.Base}v:second:k", $"{rig.Base}l:second:k", rig.LeaseKey("k"))).Integer);
            Assert.NotEqual("x", (await rig.CommandAsync("GET", rig.ValueKey("k"))) is { IsNull: false } value ? value.Text() : "");
        }
    }

    private static async Task TagsAreComparedAsync(ScriptRig rig)
    {
        await rig.LoadAsync("k", 0, "t", "u");
        await rig.LoadAsync("other", 0, "v");
        await rig.AppendAsync(new ScriptRecord(Id(1), ["tag w"]), new ScriptRecord(Id(2), ["tag u"]));
        Assert.True((await rig.GetAsync("k")).IsNull);
        Assert.Equal("2", (await rig.GetAsync("other")).Items[1].Text());
        Assert.Equal(0, await rig.LoadAsync("k", 1, "u"));
        Assert.Equal(1, await rig.LoadUnderAsync("t", "k", 2, ["u"]));
        Assert.False((await rig.GetAsync("k")).IsNull);
    }

    private static async Task FloorAsync(ScriptRig rig)
    {
        foreach (var target in new[] { "everything ", "spell abracadabra" })
        {
            await rig.BeginAgainAsync();
            await rig.LoadAsync("k", 0);
            await rig.AppendAsync(Id(1), "tag t", target);
            Assert.True((await rig.GetAsync("k")).IsNull, target);
            Assert.Equal(0, await rig.LoadAsync("k", 0));
            Assert.Equal(1, await rig.LoadUnderAsync("t", "k", 1, []));
        }
    }

    private static async Task SelectorsAsync(ScriptRig rig)
    {
        await rig.AppendAsync(Id(1), "glob before*");
        await rig.LoadAsync("k", 1);
        await rig.AppendAsync(Id(2), "glob a:1:*", "allof [\"x\",\"y\"]");
        Assert.Equal("2:glob:5:a:1:*2:allof:9:[\"x\",\"y\"]", (await rig.GetAsync("k")).Items[3].Text());
        Assert.Equal(0, await rig.LoadAsync("k2", 1));
        for (var i = 3; i <= 63; i++)
            await rig.AppendAsync(Id(i), $"regex r{i}");
        Assert.False((await rig.GetAsync("k")).IsNull);
        await rig.AppendAsync(Id(64), "key z", "glob one more*");
        Assert.True((await rig.GetAsync("k")).IsNull);
        var last = await rig.CommandAsync("XREVRANGE", rig.Base + "log", "+", "-", "COUNT", "1");
        Assert.Equal(["everything", ""], last.Items[0].Items[1].Items[^2..].Select(f => f.Text()));
        Assert.Equal("", await rig.ControlAsync("broad"));
    }

    private static async Task OtherRunAsync(ScriptRig rig)
    {
        await rig.LoadAsync("k", 0);
        await rig.CommandAsync("HSET", rig.Ctl, "run", new string('f', 40));
        Assert.Equal(["broken", Gen], (await rig.TailAsync()).Items.Select(i => i.Text()));
        // Until the first append here, the server only holds the beginning of the reader's history.
        Assert.False((await rig.GetAsync("k")).IsNull);
        Assert.Equal(OtherGen, State(await rig.AppendAsync(Id(1), "key a")));
        Assert.Equal("1", await rig.ControlAsync("seq"));
        Assert.True((await rig.GetAsync("k")).IsNull);
        Assert.True((await rig.GetAsync("k", OtherGen)).IsNull);
        Assert.True((await rig.LeaseAsync("new", "t")).IsNull);
        Assert.Equal(0, await rig.LoadUnderAsync("t", "k", 0, []));
    }

    private static async Task OtherReplicationAsync(ScriptRig rig)
    {
        await rig.CommandAsync("HSET", rig.Ctl, "replid", new string('f', 40));
        Assert.Equal("broken", State(await rig.TailAsync()));
        var reply = await rig.SetAsync("k", 0, Id(1), []);
        Assert.Equal((OtherGen, 0L), (State(reply), reply.Items[3].Integer));
        Assert.True((await rig.GetAsync("k", OtherGen)).IsNull);
    }

    private static async Task HiddenRunAsync(ScriptRig rig)
    {
        await rig.LoadAsync("k", 0);
        rig.Run = "?";
        await rig.CommandAsync("HSET", rig.Ctl, "run", new string('f', 40));
        Assert.Equal("records", State(await rig.TailAsync()));
        Assert.False((await rig.GetAsync("k")).IsNull);
        Assert.Equal(Gen, State(await rig.AppendAsync(Id(1), "key a")));
    }

    private static async Task ExecutingServerAsync(ScriptRig rig)
    {
        rig.Run = new string('f', 40);
        Assert.Equal("records", State(await rig.TailAsync()));
        await rig.CommandAsync("HSET", rig.Ctl, "run", rig.Run);
        Assert.Equal("broken", State(await rig.TailAsync()));
        Assert.Equal(OtherGen, State(await rig.AppendAsync(Id(1), "key a")));
        Assert.NotEqual(rig.Run, await rig.ControlAsync("run"));
    }

    private static string Id(long number) => number.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);

    private static async Task BeginAgainAsync(this ScriptRig rig) => await rig.BeginAsync();
}
