using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Unstale.Redis.SecondLevel;
using Unstale.Remote;
using Xunit;

namespace Unstale.IntegrationTests.Redis.SecondLevel;

/// <summary>Stored values: the plain read, and the rest of their life by the server's clock.</summary>
public sealed class StoredValueTests : StoreTest
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task The_remaining_lifetime_follows_the_stored_value_and_never_exceeds_the_whole_lifetime()
    {
        Assert.True(await Node.LoadAsync("k", "v", 0));
        var hit = await Node.ReadAsync("k");
        Assert.InRange(hit!.Remaining, TimeSpan.FromSeconds(50), Minute);
        Assert.InRange(hit.Age, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        await EndAsync("k", TimeSpan.FromSeconds(20));
        hit = await Node.ReadAsync("k");
        Assert.InRange(hit!.Remaining, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20));
        Assert.InRange(hit.Age, TimeSpan.FromSeconds(40), TimeSpan.FromSeconds(50));
        await EndAsync("k", TimeSpan.FromHours(10)); // the server's clock was set back
        Assert.Equal((Minute, TimeSpan.Zero), ((await Node.ReadAsync("k"))!.Remaining, (await Node.ReadAsync("k"))!.Age));
        await EndAsync("k", TimeSpan.FromHours(-10)); // or forward, and the key still exists
        Assert.Null(await Node.ReadAsync("k"));
        Assert.Equal("v", await Node.GetAsync("k"));
    }

    [Fact]
    public async Task A_value_in_the_first_format_is_validated_by_the_server()
    {
        Assert.True(await Node.LoadAsync("k", "v", 0, ["t"]));
        var value = (await Raw.BytesAsync(PlaceOf("k")))[..^EnvelopeLayout.Ending];
        value[EnvelopeLayout.Form] = EnvelopeLayout.FormWithoutEnding;
        BinaryPrimitives.WriteUInt32LittleEndian(value.AsSpan(EnvelopeLayout.Checksum), Crc32C.Compute(value.AsSpan(EnvelopeLayout.Codec)));
        await Raw.ReplaceAsync(PlaceOf("k"), value);
        Assert.Equal((0, -1), ((await Node.ReadAsync("k"))!.Stamp, (await Node.ReadAsync("k"))!.Confirmed));
        var hit = await Node.HitAsync("k");
        Assert.Equal("v", Encoding.UTF8.GetString(hit!.Payload.Span));
        Assert.InRange(hit.Remaining, TimeSpan.FromSeconds(50), Minute);
        await Node.InvalidateTagAsync("t");
        Assert.Null(await Node.GetAsync("k"));
    }

    [Fact]
    public async Task A_list_stored_in_place_of_a_value_is_removed_by_a_plain_read()
    {
        await Raw.RunAsync("RPUSH", PlaceOf("k"), "x");
        Assert.Null(await Node.ReadAsync("k"));
        Assert.True((await Raw.RunAsync("GET", PlaceOf("k"))).IsNull);
    }

    [Fact]
    public async Task An_unreadable_value_does_not_prevent_a_lease_of_its_key()
    {
        Assert.True(await Node.LoadAsync("k", "v", 0));
        var value = await Raw.BytesAsync(PlaceOf("k"));
        value[^(EnvelopeLayout.Ending + 1)] ^= 1;
        await Raw.ReplaceAsync(PlaceOf("k"), value);
        Assert.Null(await Node.ReadAsync("k"));
        Assert.Equal(RemoteReply.Neither, await Node.AskAsync("k", RemoteRequestKind.Value));
        Assert.NotNull((await Node.AskAsync("k", RemoteRequestKind.ValueOrLease)).Lease);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_payload_of_a_plain_read_stays_readable_until_its_disposal(bool compressed)
    {
        var text = compressed ? new string('x', 10_000) : "plain";
        Assert.True(await Node.LoadAsync("k", text, 0));
        Assert.True(await Node.LoadAsync("other", new string('y', text.Length), 0));
        using var hit = await Node.ReadAsync("k");
        for (var i = 0; i < 20; i++)
            (await Node.ReadAsync("other"))!.Dispose();
        Assert.Equal(text, Encoding.UTF8.GetString(hit!.Payload.Span));
        Assert.Equal(compressed, hit.Owner is null);
    }

    /// <summary>Writes the end of the life into the value.</summary>
    private async Task EndAsync(string key, TimeSpan fromNow)
    {
        var time = await Raw.RunAsync("TIME");
        var now = long.Parse(time.Items[0].Text(), CultureInfo.InvariantCulture) * 1000;
        var length = (await Raw.RunAsync("STRLEN", PlaceOf(key))).Integer;
        await Raw.RunAsync("SETRANGE", PlaceOf(key), $"{length - EnvelopeLayout.Ending}", string.Create(CultureInfo.InvariantCulture, $"{now + (long)fromNow.TotalMilliseconds:D16}"));
    }
}
