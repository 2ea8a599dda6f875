using Unstale.Redis.SecondLevel;
using Unstale.Redis.Telemetry;
using Xunit;

namespace Unstale.IntegrationTests.Redis.SecondLevel;

/// <summary>Stored values changed from outside: never served, and replaced by the next load.</summary>
public sealed class DamagedValueTests : StoreTest
{
    public static TheoryData<string> Damages =>
        ["empty", "garbage", "long garbage", "truncated by one", "truncated to the head", "longer", "a bit of the payload", "a bit of a tag", "a bit of the length", "another format", "a stamp to come", "a list", "without end"];

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_damaged_value_is_a_miss_until_it_is_loaded_again(string damage)
    {
        Assert.True(await Node.LoadAsync("k", "value", 0, ["t"]));
        Assert.Equal("value", await Node.GetAsync("k"));
        await DamageAsync(damage, PlaceOf("k"));
        Assert.Null(await Node.GetAsync("k"));
        Assert.True(await Node.LoadAsync("k", "new", 0, ["t"]));
        Assert.Equal("new", await Node.GetAsync("k"));
    }

    [Fact]
    public async Task A_reason_is_logged_once()
    {
        for (var i = 0; i < 3; i++)
        {
            Assert.True(await Node.LoadAsync("k", "value", 0));
            await DamageAsync("a bit of the payload", PlaceOf("k"));
            Assert.Null(await Node.GetAsync("k"));
            Assert.Null(await Node.GetAsync("k"));
            await DamageAsync("a list", PlaceOf("k"));
            Assert.Null(await Node.GetAsync("k"));
        }

        Assert.Equal(
            [
                "Cache default: a stored value cannot be read (Checksum) and counts as a miss. Another program, or a newer version, may write to the keys of the cache. Further values with this reason are not logged.",
            ],
            Node.Said.Of(EventIds.ValueUnreadable));
        Assert.Equal(
            $"Redis at {Server.EndPoint}, log shop: the key {{unstale:shop:0}}:v:default:... contained a list, which the log did not write. The key was removed. "
            + "Another program writes to the keys of the log: give that program another prefix.",
            Assert.Single(Node.Said.Of(EventIds.ForeignKeyRemoved)));
    }

    [Fact]
    public async Task A_list_of_patterns_that_cannot_be_read_hides_the_values_below_it()
    {
        Assert.True(await Node.LoadAsync("k", "value", 0));
        await Node.InvalidateGlobAsync("x*");
        Assert.Equal("value", await Node.GetAsync("k"));
        await Raw.RunAsync("HSET", StoreNode.Keys.Control, "broad", "1:regex:1:(");
        Assert.Null(await Node.GetAsync("k"));
        await Raw.RunAsync("HSET", StoreNode.Keys.Control, "broad", "1:later:1:x");
        Assert.Null(await Node.GetAsync("k"));
        Assert.Single(Node.Said.Of(EventIds.ValueUnreadable));
    }

    private async Task DamageAsync(string damage, string place)
    {
        if (damage == "a list")
        {
            await Raw.RunAsync("DEL", place);
            await Raw.RunAsync("RPUSH", place, "x");
            return;
        }

        if (damage == "without end")
        {
            await Raw.RunAsync("PERSIST", place);
            return;
        }

        var value = await Raw.BytesAsync(place);
        await Raw.ReplaceAsync(place, Damaged(damage, value));
    }

    private static byte[] Damaged(string damage, byte[] value)
    {
        switch (damage)
        {
            case "empty": return [];
            case "garbage": return "garbage"u8.ToArray();
            case "long garbage": return [.. value[..EnvelopeLayout.Front], .. Enumerable.Repeat((byte)'x', 200)];
            case "truncated by one": return value[..^1];
            case "truncated to the head": return value[..EnvelopeLayout.Tags];
            case "longer": return [.. value, 0];
            case "a bit of the payload": value[^(EnvelopeLayout.Ending + 1)] ^= 1; break;
            case "a bit of a tag": value[EnvelopeLayout.Tags + 2] ^= 1; break;
            case "a bit of the length": value[EnvelopeLayout.PlainLength + 3] ^= 128; break;
            case "another format": value[3] = (byte)'2'; break;
            case "a stamp to come": value[EnvelopeLayout.Stamp + 10] = (byte)'9'; break;
            default: throw new ArgumentOutOfRangeException(nameof(damage));
        }

        return value;
    }
}
