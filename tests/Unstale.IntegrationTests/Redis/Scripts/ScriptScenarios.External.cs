using Unstale.Redis.Connection;
using Xunit;
using static Unstale.IntegrationTests.Redis.Scripts.ScriptRig;

namespace Unstale.IntegrationTests.Redis.Scripts;

/// <content>Records of messages that several nodes received.</content>
internal static partial class ScriptScenarios
{
    private static async Task ExternalIsOneRecordAsync(ScriptRig rig)
    {
        await rig.AppendAsync(Id(1), "key before");
        Assert.Equal(2, await rig.AppendExternalAsync(("m1", new(Id(2), ["key a"])), ("m2", new(Id(3), ["key b", "tag t"]))));
        Assert.Equal(2, await rig.AppendExternalAsync(("m2", new(Id(4), ["key b", "tag t"])), ("m3", new(Id(5), ["key c"])), ("m1", new(Id(6), ["key a"])), ("m4", new(Id(7), ["glob d*"]))));
        Assert.Equal(2, await rig.AppendExternalAsync(("", new(Id(8), ["everything "])), ("", new(Id(9), ["everything "]))));
        Assert.Equal(0, await rig.AppendExternalAsync(("m4", new(Id(10), ["glob d*"]))));
        var entries = (await rig.CommandAsync("XRANGE", rig.Base + "log", "-", "+")).Items;
        Assert.Equal([Id(1), Id(2), Id(3), Id(5), Id(7), Id(8), Id(9)], entries.Select(e => e.Items[1].Items[5].Text()));
        Assert.Equal([None, Id(1), Id(2), Id(3), Id(5), Id(7), Id(8)], entries.Select(e => e.Items[1].Items[1].Text()));
        Assert.Equal(("7", Id(9)), (await rig.ControlAsync("seq"), await rig.ControlAsync("last")));
        Assert.InRange((await rig.CommandAsync("PTTL", $"{rig.Base}heard:m1")).Integer, 50_000, 60_000);
        await rig.CreateAsync(OtherGen, Gen);
        Assert.Equal(1, await rig.AppendExternalAsync(("m1", new(Id(11), ["key a"]))));
    }

    private static async Task ForeignClaimIsReportedAndReplacedAsync(ScriptRig rig)
    {
        await rig.AppendAsync(Id(1), "key before");
        await rig.CommandAsync("RPUSH", $"{rig.Base}heard:m1", "x");
        await rig.CommandAsync("HSET", $"{rig.Base}heard:m2", "x", "y");
        var reply = await rig.AppendExternalAsync("", ("m1", new(Id(2), ["key a"])), ("m2", new(Id(3), ["key b"])), ("m3", new(Id(4), ["key c"])));
        Assert.Equal($"Array[3, {rig.Base}heard:m1, list, {rig.Base}heard:m2, hash]", reply.ToString());
        Assert.Equal(0, await rig.AppendExternalAsync(("m1", new(Id(5), ["key a"])), ("m2", new(Id(6), ["key b"])), ("m3", new(Id(7), ["key c"]))));
    }

    private static async Task ExternalInAnotherRunAsync(ScriptRig rig)
    {
        await rig.AppendAsync(Id(1), "key before");
        await rig.CommandAsync("HSET", rig.Ctl, "run", new string('f', 40));
        Assert.Equal(1, await rig.AppendExternalAsync(("m1", new(Id(2), ["key a"]))));
        Assert.Equal((OtherGen, "1"), (await rig.ControlAsync("gen"), await rig.ControlAsync("seq")));
    }

    private static async Task NumbersEndAsync(ScriptRig rig)
    {
        foreach (var end in new[] { "9007199250000000", "9007199254740992", "9223372036854775807", "1e300", "nan", "-1", "spoilt" })
        {
            await EndAsync(end);
            Assert.Equal(["broken", Gen], (await rig.TailAsync()).Items.Select(i => i.Text()));
            Assert.Equal([OtherGen, "1", None], (await rig.AppendAsync(Id(1), "key a")).Items.Select(i => i.Text()));
            await EndAsync(end);
            Assert.Equal([OtherGen, "1", None], (await rig.SetAsync("k", 0, Id(1), [])).Items.Take(3).Select(i => i.Text()));
            await EndAsync(end);
            Assert.Equal(1, await rig.AppendExternalAsync(($"m{end}", new(Id(2), ["key a"]))));
            Assert.Equal((OtherGen, "1"), (await rig.ControlAsync("gen"), await rig.ControlAsync("seq")));
        }

        Task<RedisReply> EndAsync(string sequence) => rig.CommandAsync("HSET", rig.Ctl, "gen", Gen, "seq", sequence);
    }
}
