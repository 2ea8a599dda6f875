using System.Globalization;
using Unstale.Redis.Channel;

namespace Unstale.Benchmarks.Channel;

/// <summary>Messages as a service sends them: different ones of the same length, so that a reader of a bare socket can count them.</summary>
internal static class ChannelMessages
{
    public const int Count = 256;

    public static readonly InvalidationMessage[] All = [.. Enumerable.Range(0, Count).Select(Make)];
    public static readonly byte[][] Payloads = [.. All.Select(message => message.ToUtf8())];

    public static int PayloadBytes => Payloads[0].Length;

    public static string Id(int number) => number.ToString("D8", CultureInfo.InvariantCulture);

    private static InvalidationMessage Make(int number) => new()
    {
        MessageId = Guid.NewGuid().ToString(),
        EntityType = EntityType.Custom("product"),
        EntityId = Id(number),
        Action = MessageAction.Delete,
        Timestamp = MessageTime.From(DateTimeOffset.UnixEpoch.AddTicks(17_954_280_507_595_544)),
        SourceService = "user-service",
    };
}
