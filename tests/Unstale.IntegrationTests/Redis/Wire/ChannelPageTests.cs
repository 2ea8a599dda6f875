using System.Text;
using System.Text.RegularExpressions;
using Unstale.Redis.Channel;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Wire;

/// <summary>Channel as described in docs/wire-format.md: the description is correct, and sufficient to publish and subscribe.</summary>
public sealed partial class ChannelPageTests : WireTest
{
    public static TheoryData<string> Messages => [.. WirePage.Example("messages")];

    public static TheoryData<string> Accepted => [.. WirePage.Example("accepted")];

    public static TheoryData<string> Rejected => [.. WirePage.Example("rejected")];

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_of_the_page_is_written_again_byte_for_byte(string json)
    {
        Assert.True(InvalidationMessage.TryParse(Encoding.UTF8.GetBytes(json), out var message, out var reason), reason);
        Assert.Equal(json, message.ToString());
    }

    [Theory]
    [MemberData(nameof(Accepted))]
    public void Messages_listed_as_accepted_in_the_page_are_read(string json) =>
        Assert.True(InvalidationMessage.TryParse(Encoding.UTF8.GetBytes(json), out _, out var reason), reason);

    [Theory]
    [MemberData(nameof(Rejected))]
    public void Messages_listed_as_rejected_in_the_page_are_refused(string json) =>
        Assert.False(InvalidationMessage.TryParse(Encoding.UTF8.GetBytes(json), out _, out _));

    [Fact]
    public void Every_field_of_a_message_has_a_row()
    {
        var json = WirePage.Example("messages")[0];
        Assert.Equal(FieldName().Matches(json).Select(static m => m.Groups["name"].Value), WirePage.Rows("fields").Select(static row => WirePage.Code(row[0])[0]));
    }

    [Fact]
    public async Task A_node_applies_the_messages_of_the_page()
    {
        string[] keys = ["user:123", "product:4", "user:1", "user:2", "feed:123:home"];
        foreach (var key in keys)
            await Node.KeepsAsync(key);
        await Node.KeepsAsync("stays");
        foreach (var message in WirePage.Example("messages"))
            Assert.Equal(1L, await Client.CallAsync("PUBLISH", "cache:invalidate", message));
        foreach (var key in keys)
            await Node.LosesAsync(key);
        Assert.True(Node.Holds("stays"));
    }

    [Fact]
    public async Task Messages_published_by_a_node_equal_the_examples_of_the_page()
    {
        var ear = await SubscribedAsync("cache:invalidate");
        await Node.Publisher.InvalidateUserAsync("123", Stop);
        await Node.Publisher.PublishAsync(Node.Publisher.Update(EntityType.Custom("product"), "4"), Stop);
        await Node.Publisher.InvalidateBatchAsync(["user:1", "user:2"], Stop);
        await Node.Publisher.InvalidatePatternAsync("feed:123:*", Stop);
        foreach (var expected in WirePage.Example("messages"))
            Assert.Equal(WithoutOwn(expected), WithoutOwn(await ear.HearAsync()));
    }

    [Fact]
    public async Task A_node_applies_the_foreign_messages_of_the_page()
    {
        var rows = WirePage.Rows("foreign");
        (string Key, string Tag)[] kept = [("a", "product:4"), ("product:production:7", "none"), ("b", "user:7")];
        Assert.Equal(kept.Length, rows.Length);
        for (var i = 0; i < rows.Length; i++)
        {
            await Node.KeepsAsync(kept[i].Key, kept[i].Tag);
            await Client.CallAsync("PUBLISH", WirePage.Code(rows[i][0])[0], WirePage.Code(rows[i][1])[0]);
            await Node.LosesAsync(kept[i].Key);
        }
    }

    /// <summary>Replaces id, time and sender, which differ between senders, after a check of their form.</summary>
    private static string WithoutOwn(string json)
    {
        Assert.Matches(OwnFields(), json);
        return OwnFields().Replace(json, "-");
    }

    [GeneratedRegex("(?<=\"message_id\":\")[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}(?=\")|(?<=\"timestamp\":\")[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\\.([0-9]{3}){1,3})?Z(?=\")|(?<=\"source_service\":\")[a-z-]+(?=\")", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OwnFields();

    [GeneratedRegex("\"(?<name>[a-z_]+)\":", RegexOptions.None, 1000)]
    private static partial Regex FieldName();
}
