using System.Text;
using Unstale.Redis.Channel;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Channel;

/// <summary>Channel messages that demand excessive memory.</summary>
public sealed class HostileMessageTests
{
    private const int Small = 2 << 20;

    public static TheoryData<string, string> Hostile => new()
    {
        { "many ids", "the field entity_ids has more than 100,000 values" },
        { "many empty ids", "the field entity_ids has more than 100,000 values" },
        { "huge id", "it is longer than 8 MB" },
        { "huge unknown field", "it is longer than 8 MB" },
        { "huge metadata", "the field metadata is longer than 64 KB" },
        { "many metadata entries", "the field metadata is longer than 64 KB" },
        { "deep metadata", "it is not JSON" },
        { "deep unknown field", "it is not JSON" },
        { "nothing but brackets", "it is longer than 8 MB" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_message_beyond_a_limit_is_refused_by_name_and_takes_little_memory(string kind, string expected)
    {
        var payload = kind switch
        {
            "many ids" => Message(ids: Repeat("\"a\",", 1_000_000) + "\"a\""),
            "many empty ids" => Message(ids: Repeat("\"\",", 2_000_000) + "\"\""),
            "huge id" => Message(id: new string('x', 9 << 20)),
            "huge unknown field" => Message(more: $",\"other\":\"{new string('x', 9 << 20)}\""),
            "huge metadata" => Message(metadata: $"\"{new string('x', 1 << 20)}\""),
            "many metadata entries" => Message(metadata: $"[{Repeat("1,", 1_000_000)}1]"),
            "deep metadata" => Message(metadata: Repeat("[", 200) + Repeat("]", 200)),
            "deep unknown field" => Message(more: ",\"other\":" + Repeat("[", 200) + Repeat("]", 200)),
            _ => Encoding.UTF8.GetBytes(Repeat("[", 9 << 20)),
        };
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(InvalidationMessage.TryParse(payload, out _, out var reason));
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(expected, reason);
        Assert.InRange(allocated, 0, kind.EndsWith(" ids", StringComparison.Ordinal) ? 4 * Small : Small);
    }

    [Fact]
    public void A_message_at_its_limits_is_read()
    {
        var payload = Message(ids: Repeat("\"a\",", 99_999) + "\"a\"", metadata: $"\"{new string('x', (64 << 10) - 2)}\"");
        Assert.True(InvalidationMessage.TryParse(payload, out var message, out _));
        Assert.Equal(100_000, message.EntityIds!.Count);
        Assert.Equal((64 << 10) - 2, message.Metadata!.Value.GetString()!.Length);
    }

    [Fact]
    public void A_plain_payload_beyond_the_limit_is_refused_by_name_and_takes_little_memory()
    {
        var payload = Encoding.UTF8.GetBytes($"{{\"key\":\"a\",\"other\":[{Repeat("1,", 5 << 20)}1]}}");
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal("A message of a foreign channel is longer than 8 MB.", Assert.Throws<FormatException>(() => ForeignChannels.ReadProductUpdate(payload)).Message);
        Assert.Equal("A message of a foreign channel is longer than 8 MB.", Assert.Throws<FormatException>(() => ForeignChannels.ReadEvent(payload)).Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Small);
    }

    [Fact]
    public async Task A_publisher_refuses_messages_that_readers_would_reject()
    {
        await using var publisher = InvalidationPublisher.Create("localhost:1", "tests");
        var refused = await Assert.ThrowsAsync<ArgumentException>(async () => await publisher.InvalidateBatchAsync(Enumerable.Repeat("a", 100_001), TestContext.Current.CancellationToken));
        Assert.Equal(
            "The message exceeds a limit of readers: 8 MB, 100,000 entity_ids, 64 KB of metadata. Publish several smaller messages. (Parameter 'message')",
            refused.Message);
        await Assert.ThrowsAsync<ArgumentException>(async () => await publisher.InvalidateBatchAsync([new string('x', 9 << 20)], TestContext.Current.CancellationToken));
    }

    private static string Repeat(string text, int times) => new StringBuilder(text.Length * times).Insert(0, text, times).ToString();

    private static byte[] Message(string ids = "", string id = "1", string metadata = "null", string more = "") => Encoding.UTF8.GetBytes(
        $"{{\"message_id\":\"m\",\"entity_type\":\"User\",\"entity_id\":\"{id}\",\"pattern\":null,\"entity_ids\":[{ids}],\"action\":\"Delete\","
        + $"\"timestamp\":\"2026-01-02T03:04:05Z\",\"source_service\":\"s\",\"metadata\":{metadata}{more}}}");
}
