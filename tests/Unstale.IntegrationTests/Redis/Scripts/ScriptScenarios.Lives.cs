using System.Globalization;
using Xunit;
using static Unstale.IntegrationTests.Redis.Scripts.ScriptRig;

namespace Unstale.IntegrationTests.Redis.Scripts;

/// <content>Lifetime of a history, and limits of everything on the server.</content>
internal static partial class ScriptScenarios
{
    private const long Hour = 3_600_000;

    private static async Task UnconfirmedAsync(ScriptRig rig)
    {
        await rig.TailAsync();
        await rig.AgeAsync("confirmed", 4_000);
        Assert.Equal("records", State(await rig.TailAsync()));
        await rig.AgeAsync("confirmed", 5_001);
        var broken = await rig.TailAsync("", node: "n2");
        Assert.Equal(["broken", Gen], broken.Items.Select(i => i.Text()));
        Assert.Equal("broken", State(await rig.TailAsync()));
        Assert.Equal(OtherGen, (await rig.CreateAsync(OtherGen, Gen)).Text());
        Assert.Equal("other", State(await rig.TailAsync("", node: "n2")));

        await rig.AgeAsync("confirmed", -60_000);
        Assert.Equal("broken", State(await rig.TailAsync(OtherGen)));

        await rig.BeginAsync();
        await rig.CommandAsync("HDEL", rig.Ctl, "confirmed");
        Assert.Equal("broken", State(await rig.TailAsync()));
    }

    private static async Task ConfirmingAsync(ScriptRig rig)
    {
        async Task AgesAsync(bool confirmed, Func<Task> tail)
        {
            await rig.AgeAsync("confirmed", 4_000);
            var before = await rig.ControlAsync("confirmed");
            await tail();
            Assert.Equal(confirmed, before != await rig.ControlAsync("confirmed"));
            await rig.TailAsync();
        }

        await AgesAsync(true, () => rig.TailAsync());
        await AgesAsync(false, () => rig.TailAsync(confirms: false));
        await AgesAsync(false, () => rig.TailAsync("", node: "n2"));
        await AgesAsync(false, () => rig.TailAsync(OtherGen, node: "n3"));
        Assert.Equal("5000", await rig.ControlAsync("serves"));
        await rig.TailAsync("", node: "n4", serves: 90_000);
        await rig.TailAsync();
        Assert.Equal("90000", await rig.ControlAsync("serves"));
        await rig.AgeAsync("confirmed", 80_000);
        Assert.Equal("records", State(await rig.TailAsync()));
    }

    private static async Task DroppingAsync(ScriptRig rig)
    {
        await rig.SetControlAsync("node:gone", $"1 {Gen} 0 7000 1", "node:gone2", $"1 {Gen} 0 6000 1");
        await rig.TailAsync();
        Assert.NotNull(await rig.ControlAsync("node:gone"));
        await rig.AgeAsync("nodes_at", Hour + 60_000);
        await rig.TailAsync();
        Assert.Null(await rig.ControlAsync("node:gone"));
        Assert.NotNull(await rig.ControlAsync("node:n1"));
        Assert.Equal([Gen, "dropped 2", "0 - 0 7000 2", "n1"], (await rig.MembersAsync()).Items.Take(4).Select(i => i.Text()));

        // A clock that was set back leaves entries of the future behind.
        await rig.SetControlAsync("node:later", $"1 {Gen} 0 5000 99999999999999");
        await rig.AgeAsync("nodes_at", Hour + 60_000);
        Assert.Equal([Gen, "dropped 3", "0 - 0 7000 3", "n1"], (await rig.MembersAsync()).Items.Take(4).Select(i => i.Text()));

        for (var i = 0; i < 1000; i++)
        {
            if (i % 50 == 0)
                await rig.TailAsync(); // a history that no node confirms for some seconds is broken
            await rig.SetControlAsync($"node:x{i}", $"1 {Gen} 0 5000 {TimeProvider.System.GetUtcNow().AddMinutes(-2).ToUnixTimeMilliseconds()}");
        }

        await rig.AgeAsync("nodes_at", 61_000);
        Assert.Equal("records", State(await rig.TailAsync()));
        Assert.Equal("1003", await rig.ControlAsync("dropped"));
    }

    private static async Task DroppedLinkAsync(ScriptRig rig)
    {
        await rig.TailAsync();
        Assert.Equal(1, (await rig.SetAsync("k", 0, Id(1), [])).Items[3].Integer);
        await rig.CommandAsync("HDEL", rig.Ctl, "node:n1");
        await rig.TailAsync(cursor: 1, id: Id(1), link: 4);
        Assert.Equal(0, (await rig.SetAsync("k", 1, Id(2), [], link: 4)).Items[3].Integer);
        await rig.TailAsync(cursor: 2, id: Id(2), link: 4);
        Assert.Equal(0, (await rig.SetAsync("k", 2, Id(3), [], link: 4)).Items[3].Integer);
        await rig.TailAsync(cursor: 3, id: Id(3), link: 6);
        Assert.Equal("superseded", State(await rig.TailAsync(cursor: 3, id: Id(3), link: 4)));
        Assert.Equal(1, (await rig.SetAsync("k", 3, Id(4), [], link: 6)).Items[3].Integer);
    }

    private static async Task ServedBeforeAsync(ScriptRig rig)
    {
        await rig.TailAsync(serves: 90_000);
        await rig.CreateAsync(OtherGen, Gen);
        await rig.TailAsync(OtherGen, node: "n2");
        Assert.Equal([OtherGen, "before", "0 - 0 90000 0", "n2"], (await rig.MembersAsync()).Items.Take(4).Select(i => i.Text()));
        await rig.CreateAsync(Gen, OtherGen);
        Assert.Equal("0 - 0 90000 0", (await rig.MembersAsync()).Items[2].Text());
    }

    private static async Task CachesRotateAsync(ScriptRig rig)
    {
        async Task<bool> IsReadAsync(string cache) => !(await rig.GetAsync("k", cache: cache)).IsNull;

        await rig.AppendAsync(Id(1), "key x");
        await rig.LeaseAsync("k", "t", cache: "old");
        Assert.Equal(1, await rig.LoadUnderAsync("t", "k", 1, [], cache: "old"));
        await rig.LeaseAsync("k", "t", cache: "used");
        Assert.Equal(1, await rig.LoadUnderAsync("t", "k", 1, [], cache: "used"));
        await rig.LeaseAsync("late", "t", cache: "old");
        await RotateCachesAsync(rig);
        Assert.True(await IsReadAsync("old"));
        Assert.Equal("old used", await rig.ControlAsync("caches"));

        await rig.AppendAsync(Id(2), "key k");
        Assert.False(await IsReadAsync("old"));
        await rig.CommandAsync("SET", rig.ValueKey("k", "old"), Value(Gen, 1));
        await rig.LeaseAsync("k", "t", cache: "used");
        Assert.Equal(1, await rig.LoadUnderAsync("t", "k", 2, [], cache: "used"));
        await RotateCachesAsync(rig);
        Assert.Equal("used", await rig.ControlAsync("caches"));
        Assert.True(await IsReadAsync("used"));

        // Invalidations no longer remove the values of this cache, so the values are not read although they still exist.
        Assert.False(await IsReadAsync("old"));
        Assert.Equal(0, await rig.LoadUnderAsync("t", "late", 1, [], cache: "old"));
    }

    /// <summary>Rotates the list of caches once. The floor rises at the second rotation.</summary>
    private static async Task RotateCachesAsync(ScriptRig rig)
    {
        await rig.AgeAsync("caches_at", Hour + 60_000);
        var cursor = long.Parse((await rig.ControlAsync("seq"))!, CultureInfo.InvariantCulture);
        Assert.Equal("records", State(await rig.TailAsync(cursor: cursor, id: Id((int)cursor))));
    }

    private static async Task ManyCachesAsync(ScriptRig rig)
    {
        for (var i = 0; i < 2000; i++)
            await rig.LeaseAsync("k", "t", cache: $"cache-of-release-{i}");
        Assert.InRange((await rig.ControlAsync("caches"))!.Length, 8192, 3 * 8192);
        Assert.Contains("cache-of-release-1999", await rig.ControlAsync("caches"), StringComparison.Ordinal);
    }

    private static async Task ExpiryAsync(ScriptRig rig)
    {
        await rig.AppendAsync(Id(1), "everything ");
        string[] keys = ["ctl", "log", "tags:0", "tags:1", "versions:0", "versions:1"];
        async Task<long[]> LivesAsync()
        {
            var lives = new List<long>();
            foreach (var key in keys)
                lives.Add((await rig.CommandAsync("PTTL", rig.Base + key)).Integer);
            return [.. lives];
        }

        Assert.All(await LivesAsync(), static life => Assert.InRange(life, 160 * Hour, 168 * Hour));
        foreach (var key in keys)
            await rig.CommandAsync("PEXPIRE", rig.Base + key, "60000");
        await rig.AgeAsync("kept_at", 700_000);
        await rig.TailAsync(cursor: 1, id: Id(1));
        Assert.All(await LivesAsync(), static life => Assert.InRange(life, 160 * Hour, 168 * Hour));

        // A node that serves for longer extends the life of its log.
        await rig.TailAsync(cursor: 1, id: Id(1), serves: 200 * Hour);
        await rig.AgeAsync("kept_at", 700_000);
        await rig.TailAsync(cursor: 1, id: Id(1));
        Assert.All(await LivesAsync(), static life => Assert.InRange(life, 399 * Hour, 400 * Hour));
        await rig.CommandAsync("UNLINK", rig.Ctl);
        Assert.Equal("broken", State(await rig.TailAsync(cursor: 1, id: Id(1))));
    }
}
