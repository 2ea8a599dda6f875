using Xunit;
using static Unstale.IntegrationTests.Redis.Scripts.ScriptRig;

namespace Unstale.IntegrationTests.Redis.Scripts;

/// <content>Values with marks of the keys they were derived from.</content>
internal static partial class ScriptScenarios
{
    private const string MarkOfB = "\0b";

    private static async Task<string?> MarkAsync(ScriptRig rig, string key)
    {
        var mark = await rig.CommandAsync("HGET", rig.Base + "tags:0", "t:\0" + key);
        return mark.IsNull ? null : mark.Text();
    }

    private static async Task KeyMarksAsync(ScriptRig rig)
    {
        await rig.AppendAsync(Id(1), "key b");
        Assert.Equal(1, (await rig.CommandAsync("HLEN", rig.Base + "tags:0")).Integer);
        Assert.Null(await rig.ControlAsync("deps"));
        Assert.Equal(1, await rig.LoadAsync("plain", 0, "t"));

        // Key marks were not set before the first value that carries one, so older fills cannot be judged.
        Assert.Equal(0, await rig.LoadAsync("a", 0, MarkOfB));
        Assert.Equal("1", await rig.ControlAsync("deps"));
        Assert.Equal(1, await rig.LoadUnderAsync("t", "a", 1, ["t", MarkOfB]));
        Assert.Equal(1, await rig.LoadAsync("other", 1, "\0bb"));
        await rig.AppendAsync(Id(2), "key c");
        Assert.False((await rig.GetAsync("a")).IsNull);
        await rig.AppendAsync([new(Id(3), ["key x"]), new(Id(4), ["tag y", "key b"])]);
        Assert.True((await rig.GetAsync("a")).IsNull);
        Assert.Equal(0, await rig.LoadAsync("a", 3, MarkOfB));
        Assert.Equal(1, await rig.LoadUnderAsync("t", "a", 4, [MarkOfB]));
        Assert.False((await rig.GetAsync("a")).IsNull);
        Assert.False((await rig.GetAsync("other")).IsNull);
        Assert.False((await rig.GetAsync("plain")).IsNull);
        Assert.Equal("1", await rig.ControlAsync("deps"));
        await rig.AppendExternalAsync(("claim", new(Id(5), ["key b"])));
        Assert.True((await rig.GetAsync("a")).IsNull);

        await rig.CreateAsync(OtherGen, Gen);
        Assert.Null(await rig.ControlAsync("deps"));
    }

    private static async Task DirectRecordsAsync(ScriptRig rig)
    {
        Assert.Equal(1, await rig.LoadAsync("made", 0, MarkOfB));
        Assert.Equal(1, await rig.LoadAsync("declared", 0, "\0\0b"));
        Assert.Equal(1, await rig.LoadAsync("plain", 0, "b"));
        await rig.AppendAsync([new(Id(1), ["key b"]) { IsDirect = true }]);
        Assert.Equal("1", await rig.ControlAsync("direct"));
        Assert.True((await rig.GetAsync("made")).IsNull);
        Assert.False((await rig.GetAsync("declared")).IsNull);
        Assert.Equal(0, await rig.LoadAsync("made later", 0, MarkOfB));
        Assert.Equal(0, (await rig.SetAsync("set", 0, Id(2), [MarkOfB])).Items[3].Integer);
        await rig.AppendAsync(Id(3), "key b");
        Assert.True((await rig.GetAsync("declared")).IsNull);
        Assert.False((await rig.GetAsync("plain")).IsNull);
    }

    private static async Task AnyRecordAsync(ScriptRig rig)
    {
        await rig.AppendAsync(Id(1), "key x");
        Assert.Equal(0, await rig.LoadAsync("older", 0, "t", "\0"));
        Assert.Equal(1, await rig.LoadAsync("any", 1, "t", "\0"));
        Assert.False((await rig.GetAsync("any")).IsNull);
        await rig.AppendAsync(Id(2), "tag y");
        Assert.True((await rig.GetAsync("any")).IsNull);
        Assert.Equal(0, (await rig.SetAsync("set", 1, Id(3), ["\0"])).Items[3].Integer);
    }

    private static async Task KeyMarksOfSetsAsync(ScriptRig rig)
    {
        await rig.AppendAsync(Id(1), "key b");
        Assert.Equal(0, (await rig.SetAsync("a", 0, Id(2), [MarkOfB])).Items[3].Integer);
        Assert.Equal("1", await rig.ControlAsync("deps"));
        Assert.Equal("2", await MarkAsync(rig, "a"));
        Assert.Equal(0, await rig.LoadAsync("of a", 1, "\0a"));
        Assert.Equal(1, (await rig.SetAsync("a", 2, Id(3), [MarkOfB])).Items[3].Integer);
        Assert.False((await rig.GetAsync("a")).IsNull);
        await rig.AppendAsync(Id(4), "key b");
        Assert.True((await rig.GetAsync("a")).IsNull);
        Assert.Equal(0, (await rig.SetAsync("a", 3, Id(5), [MarkOfB])).Items[3].Integer);
        Assert.Equal(1, (await rig.SetAsync("a", 5, Id(6), [MarkOfB])).Items[3].Integer);
    }

    private static async Task SweptPatternsAsync(ScriptRig rig)
    {
        await rig.LoadAsync("before", 0, "t");
        await rig.AppendAsync(Id(1), "glob x*");
        await rig.BeginSweepAsync("sweeper");
        await rig.EndSweepAsync("sweeper", 1);
        Assert.Null(await MarkAsync(rig, ""));
        Assert.Equal(1, await rig.LoadAsync("a", 1, MarkOfB));
        await rig.AppendAsync(Id(2), "allof 1:t,1:u");
        await SweepFromListAsync(2);
        Assert.False((await rig.GetAsync("a")).IsNull);

        await rig.AppendAsync(Id(3), "regex ^b$");
        await rig.AppendAsync(Id(4), "allof 1:t,1:u");
        await rig.AppendAsync(Id(5), "glob c*");
        Assert.Equal("3:regex:3:^b$4:allof:7:1:t,1:u5:glob:2:c*", (await rig.GetAsync("a")).Items[3].Text());
        await rig.LoadAsync("new", 5, MarkOfB);
        await SweepFromListAsync(4);
        Assert.True((await rig.GetAsync("a")).IsNull);
        Assert.Equal("3", await MarkAsync(rig, ""));
        Assert.False((await rig.GetAsync("before")).IsNull);
        Assert.False((await rig.GetAsync("new")).IsNull);

        async Task SweepFromListAsync(long sequence)
        {
            Assert.False((await rig.BeginSweepAsync("sweeper")).IsNull);
            Assert.Equal(1, await rig.EndSweepAsync("sweeper", sequence));
        }
    }

    private static async Task KeyMarksTakeTurnsAsync(ScriptRig rig)
    {
        await rig.LoadAsync("first", 0, MarkOfB);
        await rig.AppendAsync(Id(1), "key b");
        await rig.AppendAsync(Id(2), "glob x*");
        await rig.BeginSweepAsync("sweeper");
        await rig.EndSweepAsync("sweeper", 2);
        await rig.CommandAsync("HSET", rig.Ctl, "tags_at", "0");
        await rig.TailAsync(cursor: 2, id: Id(2));
        Assert.Equal("1", await rig.ControlAsync("tags"));
        await rig.LoadAsync("a", 2, MarkOfB);
        Assert.True((await rig.GetAsync("first")).IsNull);
        await rig.CommandAsync("SET", rig.ValueKey("older"), Value(Gen, 1, "\0c"));
        Assert.True((await rig.GetAsync("older")).IsNull, "a pattern was swept after it, which the older hash knows");
        await rig.AppendAsync(Id(3), "key b");
        Assert.True((await rig.GetAsync("a")).IsNull);
    }
}
