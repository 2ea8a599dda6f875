using Xunit;
using static Unstale.IntegrationTests.Redis.Scripts.ScriptRig;

namespace Unstale.IntegrationTests.Redis.Scripts;

/// <content>Tails, fences, values, sweeps.</content>
internal static partial class ScriptScenarios
{
    private static async Task ForksAsync(ScriptRig rig)
    {
        for (var i = 1; i <= 4; i++)
            await rig.AppendAsync(Id(i), $"key k{i}");
        Assert.Equal("records", State(await rig.TailAsync(cursor: 4, id: Id(4), own: 2, ownId: Id(2))));
        Assert.Equal("broken", State(await rig.TailAsync(cursor: 4, id: Id(9))));
        Assert.Equal("broken", State(await rig.TailAsync(cursor: 2, id: Id(9))));
        Assert.Equal("broken", State(await rig.TailAsync(cursor: 5, id: Id(5))));
        Assert.Equal("broken", State(await rig.TailAsync(cursor: 1, id: Id(1), own: 3, ownId: Id(9))));
        Assert.Equal("broken", State(await rig.TailAsync(cursor: 1, id: Id(1), own: 5, ownId: Id(5))));
        await rig.CommandAsync("XTRIM", rig.Base + "log", "MAXLEN", "1");
        Assert.Equal("records", State(await rig.TailAsync(cursor: 2, id: Id(9))));
    }

    private static async Task OlderLinkAsync(ScriptRig rig)
    {
        Assert.Equal("records", State(await rig.TailAsync(link: 7)));
        Assert.Equal("superseded", State(await rig.TailAsync(link: 6)));
        Assert.Equal("records", State(await rig.TailAsync(link: 6, node: "n2")));
        Assert.StartsWith("7 ", await rig.ControlAsync("node:n1"), StringComparison.Ordinal);
    }

    private static async Task SetIsFencedAsync(ScriptRig rig)
    {
        var reply = await rig.SetAsync("k", 0, Id(1), ["t"]);
        Assert.Equal([Gen, "1", None], reply.Items[..3].Select(i => i.Text()));
        Assert.Equal(1, reply.Items[3].Integer);
        Assert.StartsWith($"UNS1{Gen}{1:D16}crc!", (await rig.GetAsync("k")).Items[0].Text(), StringComparison.Ordinal);
        await rig.TailAsync(link: 6);
        Assert.Equal(0, (await rig.SetAsync("k", 1, Id(2), [], link: 5)).Items[3].Integer);
        Assert.True((await rig.GetAsync("k")).IsNull);
        Assert.Equal(0, (await rig.SetAsync("k", 2, Id(3), [], node: "stranger")).Items[3].Integer);
        Assert.Equal(0, (await rig.SetAsync("k", 3, Id(4), [], generation: OtherGen, link: 6)).Items[3].Integer);
        Assert.Equal("4", await rig.ControlAsync("seq"));
        Assert.Equal(1, (await rig.SetAsync("k", 4, Id(5), [], link: 6)).Items[3].Integer);
    }

    private static async Task SetIsValidatedAsync(ScriptRig rig)
    {
        foreach (var target in new[] { "tag t", "glob x*", "everything " })
        {
            await rig.BeginAgainAsync();
            await rig.LoadAsync("k", 0, "t");
            await rig.AppendAsync(Id(1), target);
            Assert.Equal(0, (await rig.SetAsync("k", 0, Id(2), ["t"])).Items[3].Integer);
            Assert.True((await rig.CommandAsync("GET", rig.ValueKey("k"))).IsNull, target);
            Assert.Equal(1, (await rig.SetAsync("k", 1, Id(3), ["t"])).Items[3].Integer);
        }

        // A set lists its cache, so an invalidated key is removed from the cache.
        await rig.BeginAgainAsync();
        Assert.Equal(1, (await rig.SetAsync("k", 0, Id(1), [])).Items[3].Integer);
        await rig.AppendAsync(Id(2), "key k");
        Assert.True((await rig.GetAsync("k")).IsNull);
    }

    private static async Task LoadIsValidatedAsync(ScriptRig rig)
    {
        foreach (var target in new[] { "tag t", "glob x*", "everything " })
        {
            await rig.BeginAgainAsync();
            await rig.LeaseAsync("k", "t");
            await rig.AppendAsync(Id(1), target);
            Assert.Equal(0, await rig.LoadUnderAsync("t", "k", 0, ["t"]));
        }

        await rig.LeaseAsync("above", "t");
        Assert.Equal(0, await rig.LoadUnderAsync("t", "above", 2, []));
        Assert.Equal(0, await rig.LoadUnderAsync("t", "above", 1, [], generation: OtherGen));
        Assert.Equal(0, await rig.LoadUnderAsync("stolen", "above", 1, []));
        Assert.Equal(1, await rig.LoadUnderAsync("t", "above", 1, []));
        Assert.Equal(0, await rig.LoadUnderAsync("t", "above", 1, []));
    }

    private static async Task LeasesAsync(ScriptRig rig)
    {
        await rig.AppendAsync(Id(1), "key a");
        Assert.Equal("1", (await rig.LeaseAsync("k", "t")).Text());
        Assert.True((await rig.LeaseAsync("k", "u")).IsNull);
        Assert.Equal(0, (await rig.ReleaseAsync("k", "u")).Integer);
        Assert.Equal(1, (await rig.ReleaseAsync("k", "t")).Integer);
        Assert.Equal("1", (await rig.LeaseAsync("k", "u")).Text());
        Assert.True((await rig.LeaseAsync("k2", "u", OtherGen)).IsNull);

        await rig.LoadAsync("kept", 1);
        await rig.LeaseAsync("kept", "t");
        Assert.Equal((0, 1), ((await rig.RenewAsync("kept", "u")).Integer, (await rig.RenewAsync("kept", "t")).Integer));
        Assert.Equal((0, 1), ((await rig.ReleaseAsync("kept", "u", withValue: true)).Integer, (await rig.ReleaseAsync("kept", "t")).Integer));
        Assert.Equal((0, false), ((await rig.RenewAsync("kept", "t")).Integer, (await rig.GetAsync("kept")).IsNull));
        await rig.LeaseAsync("kept", "t");
        Assert.Equal((1, true), ((await rig.ReleaseAsync("kept", "t", withValue: true)).Integer, (await rig.GetAsync("kept")).IsNull));

        // A lease of a lost history blocks no node and is not renewed.
        await rig.CreateAsync(OtherGen, Gen);
        await rig.CommandAsync("SET", rig.Base + "l:" + ScriptRig.Cache + ":lost", "t 0 " + Gen);
        Assert.Equal(0, (await rig.RenewAsync("lost", "t")).Integer);
        Assert.Equal("0", (await rig.LeaseAsync("k", "v", OtherGen)).Text());
    }

    private static async Task LostTagsAsync(ScriptRig rig)
    {
        await rig.LoadAsync("k", 0, "t");
        await rig.LoadAsync("plain", 0);
        await rig.AppendAsync(Id(1), "tag t");
        await rig.CommandAsync("DEL", rig.Base + "tags:0");
        Assert.True((await rig.GetAsync("k")).IsNull);
        await rig.AppendAsync(Id(2), "tag other");
        Assert.True((await rig.GetAsync("k")).IsNull);
        Assert.Equal(0, await rig.LoadAsync("k3", 2, "t"));
        await rig.TailAsync(cursor: 2, id: Id(2));
        Assert.True((await rig.GetAsync("k")).IsNull);
        Assert.Equal(0, await rig.LoadAsync("k2", 1, "t"));
        Assert.Equal(1, await rig.LoadUnderAsync("t", "k2", 2, ["t"]));
        Assert.False((await rig.GetAsync("k2")).IsNull);
        Assert.False((await rig.GetAsync("plain")).IsNull);

        // Values older than the current tag hash are compared with both tag hashes.
        await rig.LoadAsync("k4", 2, "u");
        await rig.AppendAsync(Id(3), "tag v");
        await rig.CommandAsync("HSET", rig.Ctl, "tags_at", "0");
        await rig.TailAsync(cursor: 3, id: Id(3));
        Assert.False((await rig.GetAsync("k4")).IsNull);
        await rig.CommandAsync("DEL", rig.Base + "tags:0");
        Assert.True((await rig.GetAsync("k4")).IsNull);
        Assert.Equal(1, await rig.LoadAsync("k5", 3, "v"));
        await rig.TailAsync(cursor: 3, id: Id(3));
        Assert.True((await rig.GetAsync("k4")).IsNull);
        Assert.False((await rig.GetAsync("k5")).IsNull);
    }

    private static async Task TagHashesAlternateAsync(ScriptRig rig)
    {
        await rig.AppendAsync(Id(1), "tag t");
        await rig.LoadAsync("old", 1, "t");
        await rig.TailAsync(cursor: 1, id: Id(1));
        Assert.Equal("0", await rig.ControlAsync("tags"));
        await RotateAsync(1);
        await rig.LoadAsync("new", 1, "t", "u");
        Assert.Equal(0, await rig.LoadAsync("late", 0, "t"));
        Assert.False((await rig.GetAsync("old")).IsNull);
        await rig.AppendAsync(Id(2), "tag u");
        Assert.True((await rig.GetAsync("new")).IsNull);
        Assert.Equal(1, await rig.LoadUnderAsync("t", "late", 1, ["t"]));
        await RotateAsync(2);
        Assert.True((await rig.GetAsync("new")).IsNull);
        Assert.False((await rig.GetAsync("late")).IsNull);
        await RotateAsync(2);
        Assert.True((await rig.GetAsync("late")).IsNull);
        Assert.True((await rig.GetAsync("old")).IsNull);
        Assert.Equal(0, await rig.LoadAsync("again", 1, "u"));

        async Task RotateAsync(long cursor)
        {
            await rig.CommandAsync("HSET", rig.Ctl, "tags_at", "0");
            var before = await rig.ControlAsync("tags");
            await rig.TailAsync(cursor: cursor, id: Id(cursor));
            Assert.NotEqual(before, await rig.ControlAsync("tags"));
        }
    }

    private static async Task SweepAsync(ScriptRig rig)
    {
        Assert.True((await rig.BeginSweepAsync("sweeper")).IsNull);
        await rig.AppendAsync(Id(1), "glob a*");
        Assert.Equal(["1", "1:glob:2:a*"], (await rig.BeginSweepAsync("sweeper")).Items.Select(i => i.Text()));
        Assert.True((await rig.BeginSweepAsync("another")).IsNull);
        await rig.AppendAsync(Id(2), "glob b*");
        Assert.Equal(0, await rig.EndSweepAsync("sweeper", 1, scanned: new string('0', 40)));
        var run = (await rig.ControlAsync("run"))!;
        await rig.SetControlAsync("run", new string('0', 40));
        Assert.Equal(0, await rig.EndSweepAsync("sweeper", 1));
        await rig.SetControlAsync("run", run);
        Assert.Equal("1:glob:2:a*2:glob:2:b*", await rig.ControlAsync("broad"));
        Assert.Equal(1, await rig.EndSweepAsync("sweeper", 1, run));
        Assert.Equal("2:glob:2:b*", await rig.ControlAsync("broad"));
        Assert.Equal(0, await rig.LoadAsync("k", 1));
        Assert.False((await rig.BeginSweepAsync("another")).IsNull);
        Assert.Equal(1, await rig.EndSweepAsync("another", 2));
        Assert.Equal("2", await rig.ControlAsync("newest_broad"));
        Assert.Equal(0, await rig.LoadAsync("k", 1));
        Assert.Equal(1, await rig.LoadUnderAsync("t", "k", 2, []));
    }

    private static async Task NewerValuesAsync(ScriptRig rig)
    {
        await rig.LoadAsync("old", 0, "t", "u");
        await rig.LoadAsync("half", 0, "t");
        await rig.AppendAsync(Id(1), "tag unrelated");
        await rig.LoadAsync("new", 1, "t", "u");
        Assert.Equal(0, await rig.RemoveValuesAsync(["0"], rig.ValueKey("new"), "1", rig.ValueKey("absent"), "1", rig.ValueKey("half"), "0"));
        Assert.Equal(1, await rig.RemoveValuesAsync(["1", "1", "2", "t", "u"], rig.ValueKey("old"), "0", rig.ValueKey("half"), "0", rig.ValueKey("new"), "0"));
        Assert.True((await rig.CommandAsync("GET", rig.ValueKey("old"))).IsNull);
        Assert.Equal(1, await rig.RemoveValuesAsync(["0"], rig.ValueKey("half"), "1"));
        Assert.False((await rig.GetAsync("new")).IsNull);
        await rig.CreateAsync(OtherGen, Gen);
        Assert.Equal(-1, await rig.RemoveValuesAsync(["0"], rig.ValueKey("new"), "9"));
    }

    private static async Task RemovedValuesAsync(ScriptRig rig)
    {
        await rig.LoadAsync("a", 0, "t");
        await rig.LoadAsync("b", 0, "t");
        await rig.AppendAsync(Id(1), "tag unrelated");
        await rig.LoadAsync("c", 1, "t");
        await rig.LoadAsync("d", 1);
        Assert.Equal(2, await rig.RemoveValuesAsync(["0"], rig.ValueKey("a"), "3 2 1", rig.ValueKey("c"), "3 2 1"));
        Assert.Equal("1:1 2:1", await rig.ControlAsync("removed"));
        Assert.Equal(2, await rig.RemoveValuesAsync(["2", "3", "1", "t", "1", "1", "t"], rig.ValueKey("b"), "2", rig.ValueKey("d"), "2"));
        Assert.Equal("1:2 2:2", await rig.ControlAsync("removed"));
        await rig.SetControlAsync("removed", string.Join(' ', Enumerable.Range(1, 256).Select(static i => $"{i}:1")));
        await rig.LoadAsync("e", 1);
        Assert.Equal(1, await rig.RemoveValuesAsync(["0"], rig.ValueKey("e"), "300"));
        Assert.Equal(string.Join(' ', Enumerable.Range(2, 255).Append(300).Select(static i => $"{i}:1")), await rig.ControlAsync("removed"));
        Assert.Equal(1, await rig.EndSweepAsync("one", 5));
        Assert.Equal(1, await rig.EndSweepAsync("slow", 3));
        Assert.Equal("5", await rig.ControlAsync("swept"));
    }

    private static async Task CreateAsync(ScriptRig rig)
    {
        await rig.AppendAsync(Id(1), "key a");
        Assert.Equal(Gen, (await rig.CreateAsync(OtherGen, "")).Text());
        Assert.Equal(Gen, (await rig.CreateAsync(OtherGen, new string('c', 32))).Text());
        Assert.Equal("1", await rig.ControlAsync("seq"));
        Assert.Equal(OtherGen, (await rig.CreateAsync(OtherGen, Gen)).Text());
        Assert.Equal(OtherGen, (await rig.CreateAsync(new string('c', 32), Gen)).Text());
        Assert.Equal("0", await rig.ControlAsync("seq"));
        Assert.Equal(0, (await rig.CommandAsync("EXISTS", rig.Base + "log")).Integer);
        Assert.Null(await rig.ControlAsync("node:n1"));
    }

    private static async Task PartitionsAsync(ScriptRig rig)
    {
        Assert.Equal("1", await rig.ControlAsync("partitions"));
        await RefusedAsync("4", "1");
        await RefusedAsync("?4", "1");
        await rig.CommandAsync("HDEL", rig.Ctl, "partitions"); // as left by an earlier release
        await RefusedAsync("4", "1");
        rig.Run = "";
        Assert.Equal("records", State(await rig.TailAsync()));

        await rig.CommandAsync("FLUSHALL");
        rig.Run = "4";
        await rig.CreateAsync(Gen, "");
        Assert.Equal("records", State(await rig.TailAsync()));
        Assert.Equal("4", await rig.ControlAsync("partitions"));
        await RefusedAsync("", "4");
        await RefusedAsync("2", "4");
        rig.Run = "4";
        await rig.SetControlAsync("run", new string('0', 40));
        await rig.AppendAsync(Id(1), "key a"); // begins a history
        Assert.Equal("4", await rig.ControlAsync("partitions"));

        async Task RefusedAsync(string run, string stored)
        {
            rig.Run = run;
            var before = await rig.ControlAsync("gen");
            Assert.Equal(["partitions", stored], (await rig.TailAsync("")).Items.Select(static item => item.Text()));
            await rig.CreateAsync(OtherGen, before!);
            Assert.Equal(before, await rig.ControlAsync("gen"));
        }
    }

    private static async Task MembersAsync(ScriptRig rig)
    {
        await rig.AppendAsync(Id(1), "key a");
        await rig.TailAsync(cursor: 1, id: Id(1));
        await rig.TailAsync(OtherGen, node: "n2");
        await rig.CommandAsync("HSET", rig.Ctl, "node:gone", $"1 {Gen} 0 5000 1");
        var reply = (await rig.MembersAsync()).Items.Select(i => i.Text()).ToArray();
        Assert.Equal(Gen, reply[0]);
        Assert.Equal(["gone", "n1", "n2"], reply[1..].Where((_, i) => i % 2 == 0).Order(StringComparer.Ordinal));
        Assert.StartsWith($"5 {Gen} 1 5000 ", reply[Array.IndexOf(reply, "n1") + 1], StringComparison.Ordinal);
        Assert.StartsWith($"5 {OtherGen} 0 5000 ", reply[Array.IndexOf(reply, "n2") + 1], StringComparison.Ordinal);
    }

    private static async Task PagesAsync(ScriptRig rig)
    {
        for (var i = 1; i <= 5; i++)
            await rig.AppendAsync(Id(i), $"key k{i}");
        var page = await rig.TailAsync(cursor: 1, id: Id(1), page: 2);
        Assert.Equal(["0-2", "0-3"], page.Items[5].Items.Select(e => e.Items[0].Text()));
        Assert.Equal("5", page.Items[2].Text());
        Assert.Empty((await rig.TailAsync(cursor: 1, id: Id(1), behind: 3)).Items[5].Items);
        Assert.Equal(4, (await rig.TailAsync(cursor: 1, id: Id(1), behind: 4)).Items[5].Items.Length);
    }

    private static async Task GarbageAsync(ScriptRig rig)
    {
        await rig.LoadAsync("k", 0, "t");
        string[] broken = ["", "UNS1", new string('x', 300), Value(Gen, 0, "t")[..91], Value(Gen, 0, "t")[..93], Value(Gen, 0, "t").Remove(87, 1).Insert(87, "\u0009"), "UNS2" + Value(Gen, 0, "t")[4..]];
        foreach (var value in broken)
        {
            await rig.CommandAsync("DEL", rig.ValueKey("k"));
            await rig.CommandAsync("SETRANGE", rig.ValueKey("k"), "0", value);
            Assert.True((await rig.GetAsync("k")).IsNull, $"{value.Length} bytes");
        }
    }
}
