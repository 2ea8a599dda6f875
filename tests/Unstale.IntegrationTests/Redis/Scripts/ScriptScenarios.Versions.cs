using Unstale.Redis.Connection;
using Xunit;
using static Unstale.IntegrationTests.Redis.Scripts.ScriptRig;

namespace Unstale.IntegrationTests.Redis.Scripts;

/// <content>Values with a version of the source.</content>
internal static partial class ScriptScenarios
{
    private const string LongAgo = "1000";

    private static long Outcome(RedisReply reply) => reply.Items[3].Integer;

    private static async Task MakeVersionsSureAsync(ScriptRig rig) =>
        await rig.CommandAsync("HSET", rig.Ctl, "versions_since", LongAgo);

    private static async Task<string?> CellAsync(ScriptRig rig, string key, int hash = 0)
    {
        var cell = await rig.CommandAsync("HGET", $"{rig.Base}versions:{hash}", $"{Cache}:{key}");
        return cell.IsNull ? null : cell.Text();
    }

    private static async Task VersionsWinAsync(ScriptRig rig)
    {
        await MakeVersionsSureAsync(rig);
        Assert.Equal(1, Outcome(await rig.WriteAsync("k", 2, 1)));
        Assert.Equal("0000000000000000002 1 601000", await CellAsync(rig, "k"));
        await rig.AppendAsync(Id(2), "key other");
        foreach (var version in new[] { 1, 2 })
        {
            var late = await rig.WriteAsync("k", version, 3);
            Assert.Equal((Gen, "1", "2", 2L), (State(late), late.Items[1].Text(), late.Items[2].Text(), Outcome(late)));
        }

        Assert.Equal("2", await rig.ControlAsync("seq"));
        Assert.False((await rig.GetAsync("k")).IsNull);
        Assert.Equal(1, Outcome(await rig.WriteAsync("k", 3, 3)));
        Assert.Equal("0000000000000000003 3 601000", await CellAsync(rig, "k"));
        Assert.Equal(1, Outcome(await rig.WriteAsync("l", 1L << 53, 4)));
        Assert.Equal(1, Outcome(await rig.WriteAsync("l", (1L << 53) + 1, 5)));
        Assert.Equal(2, Outcome(await rig.WriteAsync("l", 1L << 53, 6)));
        Assert.Equal(1, Outcome(await rig.WriteAsync("l", 1L << 56, 6)));
        Assert.Equal(1, Outcome(await rig.WriteAsync("l", long.MaxValue, 7)));
        Assert.StartsWith("9223372036854775807 7 ", await CellAsync(rig, "l"), StringComparison.Ordinal);

        // Neither an invalidation nor a set resets a version.
        await rig.AppendAsync(Id(8), "key k");
        Assert.Equal(2, Outcome(await rig.WriteAsync("k", 3, 9)));
        Assert.Equal(1, Outcome(await rig.SetAsync("k", 8, Id(9), [])));
        Assert.Equal(2, Outcome(await rig.WriteAsync("k", 2, 10)));
        Assert.False((await rig.GetAsync("k")).IsNull);
    }

    private static async Task VersionsOfNewHistoryAsync(ScriptRig rig)
    {
        Assert.Equal(0, Outcome(await rig.WriteAsync("k", 8, 1)));
        Assert.True((await rig.GetAsync("k")).IsNull);
        Assert.Equal(2, Outcome(await rig.WriteAsync("k", 8, 2)));
        Assert.Equal(0, Outcome(await rig.WriteAsync("k", 9, 2, stamp: 1)));

        // All versions are sure again, but a cell raised while unsure remains unsure for its own time.
        await MakeVersionsSureAsync(rig);
        Assert.Equal(1, Outcome(await rig.WriteAsync("other", 1, 3, stamp: 2)));
        Assert.Equal(0, Outcome(await rig.WriteAsync("k", 10, 4, stamp: 3)));
        await MakeVersionsSureAsync(rig);
        await rig.CreateAsync(OtherGen, Gen);
        Assert.Equal(0, (await rig.CommandAsync("HEXISTS", rig.Base + "versions:0", $"{Cache}:k")).Integer);
        Assert.Equal(0, Outcome(await rig.WriteAsync("k", 11, 1, generation: OtherGen)));
    }

    private static async Task VersionsReportedAsync(ScriptRig rig)
    {
        await MakeVersionsSureAsync(rig);
        Assert.Equal(1, Outcome(await rig.WriteAsync("k", 1, 1)));
        await rig.AppendAsync(new ScriptRecord(Id(2), ["tag t"]), new ScriptRecord(Id(3), ["key k"]) { Version = 5 });
        Assert.Equal("0000000000000000005 3 601000", await CellAsync(rig, "k"));
        Assert.True((await rig.GetAsync("k")).IsNull);
        await rig.AppendAsync(new ScriptRecord(Id(4), ["key k"]) { Version = 4 });
        Assert.Equal("0000000000000000005 3 601000", await CellAsync(rig, "k"));
        Assert.Equal(2, Outcome(await rig.WriteAsync("k", 4, 5, stamp: 4)));
        await rig.AppendExternalAsync(("", new ScriptRecord(Id(5), ["key k"]) { Version = 5 }));
        Assert.Equal("5", (await rig.WriteAsync("k", 5, 6, stamp: 5)).Items[1].Text());
        Assert.Equal(1, Outcome(await rig.WriteAsync("k", 6, 6, stamp: 5)));
    }

    private static async Task VersionsFencedAsync(ScriptRig rig)
    {
        await MakeVersionsSureAsync(rig);
        await rig.TailAsync(link: 6);
        Assert.Equal(0, Outcome(await rig.WriteAsync("k", 2, 1)));
        Assert.Equal(2, Outcome(await rig.WriteAsync("k", 1, 2, stamp: 1, link: 6)));
        Assert.Equal(0, Outcome(await rig.WriteAsync("k", 3, 2, stamp: 1, link: 6, generation: OtherGen)));
        Assert.Equal(2, Outcome(await rig.WriteAsync("k", 3, 3, stamp: 2, link: 6)));
        await rig.AppendAsync(Id(3), "tag t");
        Assert.Equal(0, Outcome(await rig.WriteAsync("k", 4, 4, stamp: 2, link: 6, tags: ["t"])));
        Assert.Equal(1, Outcome(await rig.WriteAsync("k", 5, 5, stamp: 4, link: 6, tags: ["t"])));
    }

    private static async Task VersionsLostAsync(ScriptRig rig)
    {
        await MakeVersionsSureAsync(rig);
        await rig.WriteAsync("k", 5, 1);
        await rig.CommandAsync("DEL", rig.Base + "versions:0");
        Assert.Equal(2, Outcome(await rig.WriteAsync("k", 4, 2, stamp: 1))); // decided by the stored value
        Assert.Equal(0, Outcome(await rig.WriteAsync("other", 4, 2, stamp: 1)));
        await rig.TailAsync(cursor: 2, id: Id(2));
        Assert.Equal(0, Outcome(await rig.WriteAsync("third", 1, 3, stamp: 2)));
        await MakeVersionsSureAsync(rig);
        Assert.Equal(1, Outcome(await rig.WriteAsync("fourth", 1, 4, stamp: 3)));
        await rig.CommandAsync("DEL", rig.Base + "versions:1");
        Assert.Equal(0, Outcome(await rig.WriteAsync("fifth", 1, 5, stamp: 4)));

        // No version newer than the stored value was recorded, or the value would have been removed.
        Assert.Equal(1, Outcome(await rig.WriteAsync("k", 6, 6, stamp: 5)));
    }

    private static async Task VersionsAndEverythingAsync(ScriptRig rig)
    {
        await MakeVersionsSureAsync(rig);
        await rig.WriteAsync("k", 5, 1);
        await rig.AppendAsync(Id(2), "everything ");
        Assert.Null(await CellAsync(rig, "k"));
        Assert.Equal(0, Outcome(await rig.WriteAsync("k", 6, 3, stamp: 2)));
        Assert.Equal(0, Outcome(await rig.WriteAsync("other", 6, 4, stamp: 3)));
    }

    private static async Task VersionHashesAlternateAsync(ScriptRig rig)
    {
        await MakeVersionsSureAsync(rig);
        await rig.WriteAsync("k", 5, 1);
        await rig.CommandAsync("DEL", rig.ValueKey("k"));
        await rig.TailAsync(cursor: 1, id: Id(1));
        Assert.Equal("0", await rig.ControlAsync("versions"));
        await AlternateAsync("1");
        Assert.Equal(2, Outcome(await rig.WriteAsync("k", 5, 2, stamp: 1)));
        await rig.AppendAsync(new ScriptRecord(Id(2), ["key l"]) { Version = 7 });
        Assert.Equal("0000000000000000007", (await CellAsync(rig, "l", hash: 1))![..19]);
        await AlternateAsync("0");
        Assert.Equal(2, Outcome(await rig.WriteAsync("l", 7, 3, stamp: 2)));

        // Ten minutes later a late writer is not recognised.
        Assert.Equal(1, Outcome(await rig.WriteAsync("k", 4, 3, stamp: 2)));

        // Above the maximum number of versions the oldest are forgotten earlier, so a missing key is unsure.
        await rig.CommandAsync("HSET", rig.Ctl, "versions_since", await Now());
        Assert.Equal(0, Outcome(await rig.WriteAsync("fresh", 4, 4, stamp: 3)));
        Assert.Equal(1, Outcome(await rig.WriteAsync("k", 5, 5, stamp: 4)));

        async Task AlternateAsync(string now)
        {
            await rig.CommandAsync("HSET", rig.Ctl, "versions_at", "2000");
            await rig.TailAsync();
            Assert.Equal((now, "2000"), (await rig.ControlAsync("versions"), await rig.ControlAsync("versions_since")));
        }

        async Task<string> Now() => (await rig.CommandAsync("TIME")).Items[0].Text() + "000";
    }

    private static async Task VersionsOfAnOlderFormatAsync(ScriptRig rig)
    {
        await rig.CommandAsync("HDEL", rig.Ctl, "versions", "versions_at", "versions_since");
        await rig.CommandAsync("DEL", rig.Base + "versions:0", rig.Base + "versions:1");
        Assert.Equal(0, Outcome(await rig.WriteAsync("k", 5, 1)));
        await rig.TailAsync(cursor: 1, id: Id(1));
        Assert.Equal("0", await rig.ControlAsync("versions"));
        await MakeVersionsSureAsync(rig);
        Assert.Equal(1, Outcome(await rig.WriteAsync("k", 6, 2, stamp: 1)));
    }
}
