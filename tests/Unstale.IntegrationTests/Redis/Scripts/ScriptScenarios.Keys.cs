using Unstale.Redis.Connection;
using Xunit;
using static Unstale.IntegrationTests.Redis.Scripts.ScriptRig;

namespace Unstale.IntegrationTests.Redis.Scripts;

/// <content>Keys of calls, and the append of plain records.</content>
internal static partial class ScriptScenarios
{
    private static async Task OtherListAsync(ScriptRig rig)
    {
        await rig.AppendAsync(Id(1), "key before");
        await rig.LoadAsync("k", 1);
        await rig.LeaseAsync("k", "x", cache: "second");
        ScriptRecord record = new(Id(2), ["key k"]);
        Assert.Equal($"{Cache} second", await rig.CachesAsync());
        foreach (var list in new[] { "", Cache, "second", $"second {Cache}", $"{Cache} second third" })
        {
            var before = await rig.EverythingAsync();
            RedisReply[] refused =
            [
                await rig.AppendAsync(list, record), await rig.AppendPlainAsync(list, record), await rig.AppendExternalAsync(list, ("", record), ("m", record)),
                await rig.SetAsync(list, record, "k", Value(Gen, 0)),
            ];
            Assert.All(refused, static reply => Assert.Equal([$"{Cache} second"], reply.Items.Select(i => i.Text())));
            Assert.Equal(before, await rig.EverythingAsync());
        }

        Assert.Equal(3, (await rig.AppendPlainAsync($"{Cache} second", record)).Items.Length);
        Assert.Equal(3, (await rig.AppendAsync($"{Cache} second", record)).Items.Length);
        Assert.Equal(2, (await rig.AppendExternalAsync($"{Cache} second", ("", record), ("m", record))).Integer);
        Assert.Equal(4, (await rig.SetAsync($"{Cache} second", record, "k", Value(Gen, 0))).Items.Length);
    }

    private static async Task MissingKeysAsync(ScriptRig rig)
    {
        await rig.AppendAsync(Id(1), "key before");
        await rig.LoadAsync("k", 1);
        var before = await rig.EverythingAsync();
        rig.MostKeys = 8;
        var refused = await Assert.ThrowsAsync<CallRefusedException>(() => rig.AppendAsync(Cache, new ScriptRecord(Id(2), ["key k"])));
        Assert.Contains("are missing in KEYS", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, await rig.EverythingAsync());
    }

    private static async Task PlainNeedsIntactHistoryAsync(ScriptRig rig)
    {
        ScriptRecord record = new(Id(1), ["tag t"]);
        await RefusedAsync();
        await rig.AppendAsync(record);
        Assert.False((await rig.AppendPlainAsync("", record)).IsNull);
        foreach (var end in new[] { "9007199250000000", "9007199254740992", "1e300", "nan", "-1", "0", "spoilt" })
        {
            await rig.SetControlAsync("seq", end);
            await RefusedAsync();
        }

        await rig.SetControlAsync("seq", "9007199249999999");
        Assert.False((await rig.AppendPlainAsync("", record)).IsNull);
        await rig.BeginAsync();
        await rig.AppendAsync(record);
        var run = (await rig.ControlAsync("run"))!;
        foreach (var other in new[] { new string('f', 40), "", run[..39], run + "0", "?" })
        {
            await rig.SetControlAsync("run", other);
            await RefusedAsync();
        }

        rig.Run = "?";
        Assert.False((await rig.AppendPlainAsync("", record)).IsNull);
        foreach (var field in new[] { "run", "gen" })
        {
            var held = (await rig.ControlAsync(field))!;
            await rig.CommandAsync("HDEL", rig.Ctl, field);
            await RefusedAsync();
            await rig.SetControlAsync(field, held);
        }

        await rig.CommandAsync("FLUSHALL");
        await RefusedAsync();

        async Task RefusedAsync()
        {
            var before = await rig.EverythingAsync();
            Assert.True((await rig.AppendPlainAsync("", record)).IsNull);
            Assert.Equal(before, await rig.EverythingAsync());
        }
    }

    private static async Task PlainIsTheSameAsync(ScriptRig rig)
    {
        ScriptRecord[][] batches =
        [
            [new(Id(1), ["tag t"])], [new(Id(2), ["key k"])], [new(Id(3), ["key a", "tag t", "key b", "tag u"])],
            [new(Id(4), ["tag t"]), new(Id(5), ["key k", "tag v"]), new(Id(6), ["tag t"])], [new(Id(7), [$"tag {new string('x', 9000)}"])],
            [new(Id(8), ["row product any"]), new(Id(9), ["row order update old{id=1} new{status=1} changed{status}", "key k", "row order delete old{id=2}"])],
        ];
        foreach (var depends in new[] { false, true })
        {
            List<string>[] seen = [[], []];
            for (var plain = 0; plain < 2; plain++)
            {
                await rig.BeginAsync();
                await rig.AppendAsync(Id(0x10), "key before");
                await rig.LoadAsync("k", 0, depends ? "\0made" : "u");
                if ((await rig.CommandAsync("STRLEN", rig.ValueKey("k"))).Integer is > 0 and var length)
                    await rig.CommandAsync("SETRANGE", rig.ValueKey("k"), $"{length - 40}", new string('1', 40)); // the time of storing
                // Pushes are stored instead of published.
                var publish = rig.Publish;
                rig.Publish = "SET";
                foreach (var batch in batches)
                {
                    var reply = plain == 1 ? await rig.AppendPlainAsync(Cache, batch) : await rig.AppendAsync(Cache, batch);
                    seen[plain].AddRange(reply.Items.Select(static i => i.Text()));
                    seen[plain].AddRange(await rig.EverythingAsync());
                }

                rig.Publish = publish;
            }

            Assert.Equal(seen[0], seen[1]);
        }
    }

    private static async Task SkippedAsync(ScriptRig rig)
    {
        Assert.Equal(1, await rig.AppendExternalAsync(("m1", new(Id(1), ["key a"]))));
        await rig.LoadAsync("a", 1);
        await rig.LoadAsync("b", 1);
        Assert.Equal(1, await rig.AppendExternalAsync(("m1", new(Id(2), ["key a"])), ("m2", new(Id(3), ["key b"]))));
        Assert.False((await rig.GetAsync("a")).IsNull);
        Assert.True((await rig.CommandAsync("GET", rig.ValueKey("b"))).IsNull);
    }
}
