using System.Globalization;
using System.Text;
using Unstale.Redis.Connection;
using Xunit;
using static Unstale.IntegrationTests.Redis.Scripts.ScriptRig;

namespace Unstale.IntegrationTests.Redis.Scripts;

/// <content>Value or lease in one step, and the confirmation of a value.</content>
internal static partial class ScriptScenarios
{
    private static async Task ValueOrLeaseAsync(ScriptRig rig)
    {
        Assert.Equal("0", Granted(await rig.GetOrLeaseAsync("k", "both", "t")));
        Assert.True((await rig.GetOrLeaseAsync("k", "both", "other")).IsNull);
        Assert.True((await rig.GetOrLeaseAsync("k", "value", "other")).IsNull);
        Assert.Equal(1, await rig.LoadUnderAsync("t", "k", 0, ["tag"]));
        Assert.True((await rig.GetOrLeaseAsync("k", "both", "t")).IsAggregate);
        Assert.True((await rig.CommandAsync("GET", rig.LeaseKey("k"))).IsNull);
        Assert.True((await rig.GetOrLeaseAsync("other", "value", "t")).IsNull);
        Assert.True((await rig.CommandAsync("GET", rig.LeaseKey("other"))).IsNull);

        // A value that its reader cannot use counts as absent, as long as the same value is stored.
        var unwanted = Latin(await rig.CommandAsync("GETRANGE", rig.ValueKey("k"), "36", "55"));
        Assert.True((await rig.GetOrLeaseAsync("k", "value", "t", unwanted: unwanted)).IsNull);
        Assert.Equal("0", Granted(await rig.GetOrLeaseAsync("k", "both", "t", unwanted: unwanted)));
        await rig.AppendAsync(Id(1), "tag x");
        Assert.Equal(1, (await rig.SetAsync("k", 1, Id(2), [])).Items[3].Integer);
        Assert.True((await rig.GetOrLeaseAsync("k", "both", "t", unwanted: unwanted)).IsAggregate);

        // A request for the lease alone does not read the value.
        Assert.Equal("2", Granted(await rig.GetOrLeaseAsync("k", "lease", "t")));
    }

    private static async Task EndingsAsync(ScriptRig rig)
    {
        await rig.AppendAsync(Id(1), "tag x");
        await rig.LoadAsync("filled", 1, "tag");
        await rig.SetAsync("set", 1, Id(2), ["tag"]);
        var now = long.Parse((await rig.CommandAsync("TIME")).Items[0].Text(), CultureInfo.InvariantCulture);
        foreach (var (key, stamp) in new[] { ("filled", 1), ("set", 2) })
        {
            var ending = await EndingAsync(rig, key);
            Assert.InRange(long.Parse(ending[..16], CultureInfo.InvariantCulture), (now + 55) * 1000, (now + 61) * 1000);
            Assert.Equal($"{stamp:D16}", ending[16..32]);
            Assert.InRange(long.Parse(ending[32..], CultureInfo.InvariantCulture), (now - 5) / 60, now / 60);
            Assert.Equal('v', Latin(await rig.CommandAsync("GET", rig.ValueKey(key)))[^41]);
        }
    }

    private static async Task ConfirmedAsync(ScriptRig rig)
    {
        await rig.LoadAsync("k", 0, "t");
        await rig.AppendAsync(Id(1), "tag u");
        var life = await rig.CommandAsync("PTTL", rig.ValueKey("k"));
        Assert.Equal("0", await ConfirmedInItsMinuteAsync(rig, "k"));
        await rig.PassMinuteAsync("k");
        var before = await EndingAsync(rig, "k");
        Assert.Equal("1", await ConfirmedAsOfAsync(rig, "k"));
        var after = await EndingAsync(rig, "k");
        Assert.Equal(before[..16], after[..16]);
        Assert.NotEqual(before[32..], after[32..]);
        Assert.InRange((await rig.CommandAsync("PTTL", rig.ValueKey("k"))).Integer, 1, life.Integer);
        await rig.AppendAsync(Id(2), "tag u");
        Assert.Equal("1", await ConfirmedInItsMinuteAsync(rig, "k"));
        await rig.PassMinuteAsync("k");
        Assert.Equal("2", await ConfirmedAsOfAsync(rig, "k"));
        await rig.AppendAsync(Id(3), "tag t");
        await rig.PassMinuteAsync("k");
        Assert.Equal("2", await ConfirmedAsOfAsync(rig, "k"));

        // Values of an earlier form have no place for a confirmation.
        var old = Latin(await rig.CommandAsync("GETRANGE", rig.ValueKey("k"), "0", "56")) + "\u0001" + new string('\0', 34) + new string('9', 60);
        await rig.CommandAsync("SET", rig.ValueKey("old"), old, "PX", "60000");
        await rig.AppendAsync(Id(4), "tag u");
        await rig.CommandAsync("SETRANGE", rig.ValueKey("old"), "36", $"{3:D16}");
        var stored = Latin(await rig.CommandAsync("GET", rig.ValueKey("old")));
        Assert.True((await rig.GetAsync("old")).IsAggregate);
        Assert.Equal(stored, Latin(await rig.CommandAsync("GET", rig.ValueKey("old"))));
    }

    private static async Task NotConfirmedBelowPatternsAsync(ScriptRig rig)
    {
        await rig.AppendAsync(Id(1), "glob before*");
        await rig.LoadAsync("k", 1);
        await rig.AppendAsync(Id(2), "tag u");
        await rig.PassMinuteAsync("k");
        Assert.Equal("2", await ConfirmedAsOfAsync(rig, "k"));
        await rig.AppendAsync(Id(3), "glob after*");
        await rig.PassMinuteAsync("k");
        Assert.Equal("2", await ConfirmedAsOfAsync(rig, "k"));
    }

    private static async Task NotConfirmedInBrokenHistoryAsync(ScriptRig rig)
    {
        await rig.LoadAsync("k", 0);
        await rig.AppendAsync(Id(1), "tag u");
        await rig.PassMinuteAsync("k");
        foreach (var field in new[] { "run", "replid" })
        {
            var real = await rig.ControlAsync(field);
            await rig.SetControlAsync(field, new string('f', 40));
            Assert.Equal("0", await ConfirmedAsOfAsync(rig, "k"));
            await rig.SetControlAsync(field, real!);
        }

        rig.Run = "?";
        Assert.Equal("0", await ConfirmedAsOfAsync(rig, "k"));
        rig.Run = "";
        Assert.Equal("1", await ConfirmedAsOfAsync(rig, "k"));
    }

    /// <summary>Reads the value with its script and returns the sequence as of which the value is then confirmed.</summary>
    private static async Task<string> ConfirmedAsOfAsync(ScriptRig rig, string key)
    {
        await rig.GetAsync(key);
        return (await EndingAsync(rig, key))[16..32].TrimStart('0') is { Length: > 0 } sequence ? sequence : "0";
    }

    /// <summary>Does the same in the minute in which the value was confirmed, and again if that minute ended meanwhile.</summary>
    private static async Task<string> ConfirmedInItsMinuteAsync(ScriptRig rig, string key)
    {
        var ending = await EndingAsync(rig, key);
        while (true)
        {
            var minute = await MinuteAsync(rig);
            var length = (await rig.CommandAsync("STRLEN", rig.ValueKey(key))).Integer;
            await rig.CommandAsync("SETRANGE", rig.ValueKey(key), $"{length - 24}", ending[16..32] + minute);
            var confirmed = await ConfirmedAsOfAsync(rig, key);
            if (await MinuteAsync(rig) == minute)
                return confirmed;
        }
    }

    private static async Task<string> MinuteAsync(ScriptRig rig) =>
        $"{long.Parse((await rig.CommandAsync("TIME")).Items[0].Text(), CultureInfo.InvariantCulture) / 60:D8}";

    private static async Task<string> EndingAsync(ScriptRig rig, string key) => Latin(await rig.CommandAsync("GET", rig.ValueKey(key)))[^40..];

    /// <summary>Makes the confirmation of a value a minute old.</summary>
    private static async Task PassMinuteAsync(this ScriptRig rig, string key)
    {
        var length = (await rig.CommandAsync("STRLEN", rig.ValueKey(key))).Integer;
        await rig.CommandAsync("SETRANGE", rig.ValueKey(key), $"{length - 8}", "00000001");
    }

    /// <summary>Returns the sequence at which a lease was granted, or null if none was.</summary>
    private static string? Granted(RedisReply reply) => reply.IsNull || reply.IsAggregate ? null : reply.Text();

    private static string Latin(RedisReply reply) => Encoding.Latin1.GetString(reply.Bytes);
}
