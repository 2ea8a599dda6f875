using System.Text;
using Microsoft.Extensions.Time.Testing;
using Unstale.Redis.Channel;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Channel;

/// <summary>Wire format of messages: byte for byte as services in other languages write them, including every form they accept.</summary>
public sealed class WireFormatTests
{
    private const string Sample =
        """{"message_id":"550e8400-e29b-41d4-a716-446655440000","entity_type":"User","entity_id":"123","pattern":null,"entity_ids":null,"action":"Delete","timestamp":"2026-11-20T23:00:50.759554485Z","source_service":"user-service","metadata":null}""";

    private const string Lines = """
        {"message_id":"a","entity_type":"Post","entity_id":"1","pattern":null,"entity_ids":null,"action":"Update","timestamp":"2026-11-20T23:00:50Z","source_service":"s","metadata":null}
        {"message_id":"a","entity_type":"Comment","entity_id":"1","pattern":null,"entity_ids":null,"action":"Delete","timestamp":"2026-11-20T23:00:50.100Z","source_service":"s","metadata":null}
        {"message_id":"a","entity_type":"Notification","entity_id":"1","pattern":null,"entity_ids":null,"action":"Delete","timestamp":"2026-11-20T23:00:50.100200Z","source_service":"s","metadata":null}
        {"message_id":"a","entity_type":"Feed","entity_id":"1","pattern":null,"entity_ids":null,"action":"Delete","timestamp":"2026-11-20T23:00:50.000000001Z","source_service":"s","metadata":null}
        {"message_id":"a","entity_type":{"Custom":"session"},"entity_id":"abc:1","pattern":null,"entity_ids":null,"action":"Delete","timestamp":"2026-11-20T23:00:50Z","source_service":"s","metadata":null}
        {"message_id":"a","entity_type":{"Custom":"pattern"},"entity_id":null,"pattern":"user:*","entity_ids":null,"action":"Pattern","timestamp":"2026-11-20T23:00:50Z","source_service":"s","metadata":null}
        {"message_id":"a","entity_type":{"Custom":"batch"},"entity_id":null,"pattern":null,"entity_ids":["user:1","user:2"],"action":"Batch","timestamp":"2026-11-20T23:00:50Z","source_service":"s","metadata":null}
        {"message_id":"a","entity_type":{"Custom":"batch"},"entity_id":null,"pattern":null,"entity_ids":[],"action":"Batch","timestamp":"2026-11-20T23:00:50Z","source_service":"s","metadata":null}
        {"message_id":"a","entity_type":{"Custom":"é/<&'+"},"entity_id":"\"\\/\b\t\n\f\r\u0001\u001f\u0000 \u2028","pattern":null,"entity_ids":null,"action":"Delete","timestamp":"2016-12-31T23:59:60.500Z","source_service":"日本😀","metadata":null}
        {"message_id":"a","entity_type":"User","entity_id":"1","pattern":null,"entity_ids":null,"action":"Delete","timestamp":"2026-11-20T23:00:50Z","source_service":"s","metadata":{"a":[1,2.50,true,null,{}],"b":{"x":"\u001b","y":[]}}}
        """;

    /// <summary>Characters that JSON need not escape are written unescaped, so the line separator is given here as the character.</summary>
    public static TheoryData<string> Exact => [Sample, .. Lines.Replace("\\u2028", "\u2028", StringComparison.Ordinal).Split('\n')];

    public static TheoryData<string> Accepted =>
    [
        With("\"entity_id\":\"123\",\"pattern\":null,\"entity_ids\":null,", ""),
        With(",\"metadata\":null", ""),
        With("{\"message_id\"", "{\"later\":{\"x\":[1]},\"later\":2,\"message_id\""),
        """{"metadata":null,"source_service":"user-service","timestamp":"2026-11-20T23:00:50.759554485Z","action":"Delete","entity_id":"123","entity_type":"User","message_id":"550e8400-e29b-41d4-a716-446655440000"}""",
        With("\"User\"", "{\"User\":null}"),
        With("50.759554485Z", "50.759554485+00:00"),
        With("2026-11-20T23:00:50.759554485Z", "2026-11-21T01:00:50.759554485+02:00"),
        With("2026-11-20T23:00:50.759554485Z", "2026-11-20T17:30:50.759554485-05:30"),
        With("20T23", "20 23"),
        With("20T23", "20t23"),
        With("485Z", "485z"),
        With("485Z", "485999Z"),
        """["550e8400-e29b-41d4-a716-446655440000","User","123",null,null,"Delete","2026-11-20T23:00:50.759554485Z","user-service",null]""",
        " \r\n\t" + Sample.Replace(",", " ,\n", StringComparison.Ordinal) + " ",
        With("user-service", "user\\u002dservice"),
        With("\"message_id\"", "\"message\\u005fid\""),
    ];

    public static TheoryData<string> Rejected =>
    [
        With("\"User\"", "\"user\""), With("\"User\"", "\"USER\""), With("\"User\"", "\"Session\""), With("\"User\"", "{\"custom\":\"x\"}"),
        With("\"User\"", "\"Custom\""), With("\"User\"", "{\"Custom\":null}"), With("\"User\"", "{\"Custom\":1}"), With("\"User\"", "{\"User\":1}"),
        With("\"User\"", "{\"Custom\":\"a\",\"Custom\":\"b\"}"), With("\"User\"", "{}"), With("\"User\"", "null"), With("\"User\"", "7"),
        With("Delete", "delete"), With("Delete", "DELETE"), With("Delete", "Remove"), With("\"Delete\"", "0"), With("\"Delete\"", "null"),
        With("\"123\"", "123"), With("\"123\"", "{}"), With("\"pattern\":null", "\"pattern\":5"),
        With("\"entity_ids\":null", "\"entity_ids\":\"user:1\""), With("\"entity_ids\":null", "\"entity_ids\":[1]"), With("\"entity_ids\":null", "\"entity_ids\":[null]"),
        With("\"message_id\":\"550e8400-e29b-41d4-a716-446655440000\",", ""), With("\"entity_type\":\"User\",", ""), With("\"action\":\"Delete\",", ""),
        With("\"timestamp\":\"2026-11-20T23:00:50.759554485Z\",", ""), With("\"source_service\":\"user-service\",", ""),
        With("\"550e8400-e29b-41d4-a716-446655440000\"", "null"), With("\"user-service\"", "null"), With("\"user-service\"", "1"),
        With("485Z", "485"), With("\"2026-11-20T23:00:50.759554485Z\"", "1795215650"), With("\"2026-11-20T23:00:50.759554485Z\"", "\"1795215650\""),
        With("2026-11-20T", "2026-02-30T"), With("T23:", "T24:"), With("2026-11-20T23:00:50.759554485Z", "2026-11-20"), With("50.759554485Z", "50.Z"),
        With("2026-11-20T23:00:50.759554485Z", ""), With("485Z", "485+2"), With("485Z", "485+25:00"), With("20T23", "20_23"), With("2026-", "0000-"),
        With("{\"message_id\"", "{\"action\":\"Delete\",\"message_id\""), With("\"metadata\":null", "\"metadata\":null,\"metadata\":null"),
        """["550e8400-e29b-41d4-a716-446655440000","User","123",null,null,"Delete","2026-11-20T23:00:50.759554485Z","user-service"]""",
        """["550e8400-e29b-41d4-a716-446655440000","User","123",null,null,"Delete","2026-11-20T23:00:50.759554485Z","user-service",null,null]""",
        "", " ", "{}", "[]", "null", "5", "\"User\"", "nonsense", Sample[..^1], Sample + "x", Sample + Sample, With("null}", "null,}"), With("123", "\\ud800"),
        With("\"metadata\":null", "\"metadata\":null,\"\\ud800\":1"), With("\"metadata\":null", "\"metadata\":null,\"metadat\\u0061\":null"),
        "{\"metadata\":" + new string('[', 5000),
    ];

    [Theory]
    [MemberData(nameof(Exact))]
    public void A_message_that_was_read_is_written_again_byte_for_byte(string json)
    {
        Assert.True(InvalidationMessage.TryParse(Encoding.UTF8.GetBytes(json), out var message, out var reason), reason);
        Assert.Equal(json, Encoding.UTF8.GetString(message.ToUtf8()));
    }

    [Theory]
    [MemberData(nameof(Accepted))]
    public void Equivalent_spellings_of_a_message_are_read_as_the_same_message(string json)
    {
        Assert.True(InvalidationMessage.TryParse(Encoding.UTF8.GetBytes(json), out var message, out var reason), reason);
        var same = json.Contains("\"123\"", StringComparison.Ordinal) || json.StartsWith('[') ? message.ToString() : message.ToString().Replace("\"entity_id\":null", "\"entity_id\":\"123\"", StringComparison.Ordinal);
        Assert.Equal(Sample, same);
    }

    [Theory]
    [MemberData(nameof(Rejected))]
    public void Text_that_is_no_message_is_rejected_with_a_reason(string json)
    {
        Assert.False(InvalidationMessage.TryParse(Encoding.UTF8.GetBytes(json), out var message, out var reason));
        Assert.Null(message);
        Assert.False(string.IsNullOrEmpty(reason));
    }

    [Fact]
    public void Bytes_that_are_no_UTF8_are_rejected()
    {
        var bytes = Encoding.UTF8.GetBytes(Sample);
        bytes[Sample.IndexOf("123", StringComparison.Ordinal)] = 0xFF;
        Assert.False(InvalidationMessage.TryParse(bytes, out _, out _));
    }

    [Fact]
    public void Metadata_is_written_with_its_keys_in_order()
    {
        Assert.True(InvalidationMessage.TryParse(Encoding.UTF8.GetBytes(With("\"metadata\":null", """ "metadata":{ "z": 1.0, "B": {"y":"/","x":1e5}, "a": "é", "z": 2 } """)), out var message, out _));
        Assert.EndsWith(""","metadata":{"B":{"x":1e5,"y":"/"},"a":"é","z":2}}""", message.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_factories_write_what_other_services_write()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddSeconds(1_795_215_650).AddTicks(7_595_544));
        const string Start = "\"entity_type\":";
        const string End = ",\"timestamp\":\"2026-11-20T23:00:50.759554400Z\",\"source_service\":\"user-service\",\"metadata\":null}";
        (InvalidationMessage Message, string Middle)[] all =
        [
            (InvalidationMessage.Delete(EntityType.User, "123", "user-service", time), """ "User","entity_id":"123","pattern":null,"entity_ids":null,"action":"Delete" """),
            (InvalidationMessage.Update(EntityType.Custom("product"), "4", "user-service", time), """{"Custom":"product"},"entity_id":"4","pattern":null,"entity_ids":null,"action":"Update" """),
            (InvalidationMessage.ForPattern("user:*", "user-service", time), """{"Custom":"pattern"},"entity_id":null,"pattern":"user:*","entity_ids":null,"action":"Pattern" """),
            (InvalidationMessage.Batch(["user:1", "post:2"], "user-service", time), """{"Custom":"batch"},"entity_id":null,"pattern":null,"entity_ids":["user:1","post:2"],"action":"Batch" """),
            (InvalidationMessage.Batch([], "user-service", time), """{"Custom":"batch"},"entity_id":null,"pattern":null,"entity_ids":[],"action":"Batch" """),
        ];
        foreach (var (message, middle) in all)
        {
            Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", message.MessageId);
            Assert.Equal($"{{\"message_id\":\"{message.MessageId}\",{Start}{middle.Trim()}{End}", message.ToString());
        }
    }

    [Fact]
    public void Half_a_surrogate_pair_is_not_written() =>
        Assert.Contains("surrogate", Assert.Throws<ArgumentException>(() => InvalidationMessage.Delete(EntityType.User, "\ud800", "s").ToUtf8()).Message, StringComparison.Ordinal);

    private static string With(string old, string other)
    {
        Assert.Contains(old, Sample, StringComparison.Ordinal);
        return Sample.Replace(old, other, StringComparison.Ordinal);
    }
}
