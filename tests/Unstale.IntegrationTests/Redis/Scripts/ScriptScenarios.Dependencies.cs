using Unstale.Redis.Connection;
using Xunit;
using static Unstale.IntegrationTests.Redis.Scripts.ScriptRig;

namespace Unstale.IntegrationTests.Redis.Scripts;

/// <content>Values with dependency tags.</content>
internal static partial class ScriptScenarios
{
    private const string TagOfB = "\0b";

    private static async Task<string?> CellOfKeyAsync(ScriptRig rig, string key)
    {
        var cell = await rig.CommandAsync("HGET", rig.Base + "tags:0", "t:\0" + key);
        return cell.IsNull ? null : cell.Text();
    }

    private static async Task DependencyTagsAsync(ScriptRig rig)
    {
        await rig.AppendAsync(Id(1), "key b");
        Assert.Equal(1, (await rig.CommandAsync("HLEN", rig.Base + "tags:0")).Integer);
        Assert.Null(await rig.ControlAsync("deps"));
        Assert.Equal(1, await rig.LoadAsync("plain", 0, "t"));

        // Cells of keys are not raised before the first value with a dependency tag, so values with older stamps are refused.
        Assert.Equal(0, await rig.LoadAsync("a", 0, TagOfB));
        Assert.Equal("1", await rig.ControlAsync("deps"));
        Assert.Equal(1, await rig.LoadUnderAsync("t", "a", 1, ["t", TagOfB]));
        Assert.Equal(1, await rig.LoadAsync("other", 1, "\0bb"));
        await rig.AppendAsync(Id(2), "key c");
        Assert.False((await rig.GetAsync("a")).IsNull);
        await rig.AppendAsync([new(Id(3), ["key x"]), new(Id(4), ["tag y", "key b"])]);
        Assert.True((await rig.GetAsync("a")).IsNull);
        Assert.Equal(0, await rig.LoadAsync("a", 3, TagOfB));
        Assert.Equal(1, await rig.LoadUnderAsync("t", "a", 4, [TagOfB]));
        Assert.False((await rig.GetAsync("a")).IsNull);
        Assert.False((await rig.GetAsync("other")).IsNull);
        Assert.False((await rig.GetAsync("plain")).IsNull);
        Assert.Equal("1", await rig.ControlAsync("deps"));
        await rig.AppendExternalAsync(("claim", new(Id(5), ["key b"])));
        Assert.True((await rig.GetAsync("a")).IsNull);

        await rig.CreateAsync(OtherGen, Gen);
        Assert.Null(await rig.ControlAsync("deps"));
    }

    private static async Task RowsAsync(ScriptRig rig)
    {
        await RowsAsync(rig, async (id, target) => await rig.AppendAsync(await rig.CachesAsync(), new ScriptRecord(Id(id), [target])));
        await rig.BeginAsync();
        await RowsAsync(rig, (id, target) => rig.AppendAsync(Id(id), target));
    }

    private static async Task RowsAsync(ScriptRig rig, Func<int, string, Task<RedisReply>> appendAsync)
    {
        const string third = "\0\0\0product[category_id=3]{name}";
        await appendAsync(1, "row product update old{id=1;category_id=3} new{category_id=4} changed{category_id}");
        Assert.Equal(0, await rig.LoadAsync("older", 0, third));
        Assert.Equal(0, (await rig.SetAsync("set", 0, Id(2), [third])).Items[3].Integer);
        Assert.Equal(1, await rig.LoadAsync("third", 2, "t", third));
        Assert.Null(await rig.ControlAsync("deps"));
        await appendAsync(3, "row order any");
        await appendAsync(4, "row product%0020x any");
        Assert.False((await rig.GetAsync("third")).IsNull);
        await appendAsync(5, "row product any");
        Assert.True((await rig.GetAsync("third")).IsNull);
        Assert.Equal(1, await rig.LoadAsync("third", 5, third));
        await appendAsync(6, "tag product");
        Assert.True((await rig.GetAsync("third")).IsNull);
        Assert.Equal(1, await rig.LoadAsync("third", 6, third));
        Assert.False((await rig.GetAsync("third")).IsNull);
    }

    private static async Task DirectRecordsAsync(ScriptRig rig)
    {
        Assert.Equal(1, await rig.LoadAsync("made", 0, TagOfB));
        Assert.Equal(1, await rig.LoadAsync("declared", 0, "\0\0b"));
        Assert.Equal(1, await rig.LoadAsync("plain", 0, "b"));
        await rig.AppendAsync([new(Id(1), ["key b"]) { IsDirect = true }]);
        Assert.Equal("1", await rig.ControlAsync("direct"));
        Assert.True((await rig.GetAsync("made")).IsNull);
        Assert.False((await rig.GetAsync("declared")).IsNull);
        Assert.Equal(0, await rig.LoadAsync("made later", 0, TagOfB));
        Assert.Equal(0, (await rig.SetAsync("set", 0, Id(2), [TagOfB])).Items[3].Integer);
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

    private static async Task DependencyTagsOfSetsAsync(ScriptRig rig)
    {
        await rig.AppendAsync(Id(1), "key b");
        Assert.Equal(0, (await rig.SetAsync("a", 0, Id(2), [TagOfB])).Items[3].Integer);
        Assert.Equal("1", await rig.ControlAsync("deps"));
        Assert.Equal("2", await CellOfKeyAsync(rig, "a"));
        Assert.Equal(0, await rig.LoadAsync("of a", 1, "\0a"));
        Assert.Equal(1, (await rig.SetAsync("a", 2, Id(3), [TagOfB])).Items[3].Integer);
        Assert.False((await rig.GetAsync("a")).IsNull);
        await rig.AppendAsync(Id(4), "key b");
        Assert.True((await rig.GetAsync("a")).IsNull);
        Assert.Equal(0, (await rig.SetAsync("a", 3, Id(5), [TagOfB])).Items[3].Integer);
        Assert.Equal(1, (await rig.SetAsync("a", 5, Id(6), [TagOfB])).Items[3].Integer);
    }

    private static async Task SweptPatternsAsync(ScriptRig rig)
    {
        await rig.LoadAsync("before", 0, "t");
        await rig.AppendAsync(Id(1), "glob x*");
        await rig.BeginSweepAsync("sweeper");
        await rig.EndSweepAsync("sweeper", 1);
        Assert.Null(await CellOfKeyAsync(rig, ""));
        Assert.Equal(1, await rig.LoadAsync("a", 1, TagOfB));
        await rig.AppendAsync(Id(2), "allof 1:t,1:u");
        await SweepFromListAsync(2);
        Assert.False((await rig.GetAsync("a")).IsNull);

        await rig.AppendAsync(Id(3), "regex ^b$");
        await rig.AppendAsync(Id(4), "allof 1:t,1:u");
        await rig.AppendAsync(Id(5), "glob c*");
        Assert.Equal("3:regex:3:^b$4:allof:7:1:t,1:u5:glob:2:c*", (await rig.GetAsync("a")).Items[3].Text());
        await rig.LoadAsync("new", 5, TagOfB);
        await SweepFromListAsync(4);
        Assert.True((await rig.GetAsync("a")).IsNull);
        Assert.Equal("3", await CellOfKeyAsync(rig, ""));
        Assert.False((await rig.GetAsync("before")).IsNull);
        Assert.False((await rig.GetAsync("new")).IsNull);

        async Task SweepFromListAsync(long sequence)
        {
            Assert.False((await rig.BeginSweepAsync("sweeper")).IsNull);
            Assert.Equal(1, await rig.EndSweepAsync("sweeper", sequence));
        }
    }

    private static async Task DependencyTagsAlternateAsync(ScriptRig rig)
    {
        await rig.LoadAsync("first", 0, TagOfB);
        await rig.AppendAsync(Id(1), "key b");
        await rig.AppendAsync(Id(2), "glob x*");
        await rig.BeginSweepAsync("sweeper");
        await rig.EndSweepAsync("sweeper", 2);
        await rig.CommandAsync("HSET", rig.Ctl, "tags_at", "0");
        await rig.TailAsync(cursor: 2, id: Id(2));
        Assert.Equal("1", await rig.ControlAsync("tags"));
        await rig.LoadAsync("a", 2, TagOfB);
        Assert.True((await rig.GetAsync("first")).IsNull);
        await rig.CommandAsync("SET", rig.ValueKey("older"), Value(Gen, 1, "\0c"));
        Assert.True((await rig.GetAsync("older")).IsNull, "a pattern was swept after it, which the older hash knows");
        await rig.AppendAsync(Id(3), "key b");
        Assert.True((await rig.GetAsync("a")).IsNull);
    }
}
