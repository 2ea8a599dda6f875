using System.Text.Json;
using Unstale.Boundary;

namespace Unstale.Redis.Channel;

/// <summary>
/// What services tell each other over the channel. On the wire it is compact JSON of nine fields; the page <c>channel.md</c> of the
/// documentation shows them.
/// </summary>
public sealed class InvalidationMessage
{
    private const string PatternType = "pattern";
    private const string BatchType = "batch";

    /// <summary>Names this message among all others; a random UUID in lower case where it is made here.</summary>
    public required string MessageId { get; init; }

    /// <summary>What kind of thing it is about.</summary>
    public required EntityType EntityType { get; init; }

    /// <summary>Which one; null for a batch or a pattern.</summary>
    public string? EntityId { get; init; }

    /// <summary>The pattern over cache keys, by Redis' rules; null for all but <see cref="MessageAction.Pattern"/>.</summary>
    public string? Pattern { get; init; }

    /// <summary>Whole cache keys; null for all but <see cref="MessageAction.Batch"/>.</summary>
    public IReadOnlyList<string>? EntityIds
    {
        get;
        init => field = value is null ? null : [.. value];
    }

    /// <summary>What to do.</summary>
    public required MessageAction Action { get; init; }

    /// <summary>When it was made, by the clock of the service that made it.</summary>
    public required MessageTime Timestamp { get; init; }

    /// <summary>The service that made it.</summary>
    public required string SourceService { get; init; }

    /// <summary>Whatever else the sender has to say, as JSON; null for nothing.</summary>
    /// <remarks>The element is copied: its document may be disposed.</remarks>
    public JsonElement? Metadata
    {
        get;
        init => field = value?.Clone();
    }

    /// <summary>One entity is gone.</summary>
    public static InvalidationMessage Delete(EntityType type, string id, string sourceService, TimeProvider? time = null) =>
        OfEntity(MessageAction.Delete, type, id, sourceService, time);

    /// <summary>One entity has changed.</summary>
    public static InvalidationMessage Update(EntityType type, string id, string sourceService, TimeProvider? time = null) =>
        OfEntity(MessageAction.Update, type, id, sourceService, time);

    /// <summary>These cache keys are to be forgotten; none is nothing.</summary>
    public static InvalidationMessage Batch(IEnumerable<string> keys, string sourceService, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return new()
        {
            MessageId = NewId(),
            EntityType = EntityType.Custom(BatchType),
            EntityIds = [.. keys],
            Action = MessageAction.Batch,
            Timestamp = Now(time),
            SourceService = sourceService,
        };
    }

    /// <summary>All cache keys that the pattern matches are to be forgotten; <c>*</c> is everything.</summary>
    public static InvalidationMessage ForPattern(string pattern, string sourceService, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        return new()
        {
            MessageId = NewId(),
            EntityType = EntityType.Custom(PatternType),
            Pattern = pattern,
            Action = MessageAction.Pattern,
            Timestamp = Now(time),
            SourceService = sourceService,
        };
    }

    /// <summary>Reads what came over the channel.</summary>
    /// <param name="payload">UTF-8.</param>
    /// <param name="message">The message.</param>
    /// <param name="reason">Why it is none, in a few words that hold nothing of it.</param>
    public static bool TryParse(ReadOnlySpan<byte> payload, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out InvalidationMessage? message, out string? reason) =>
        MessageReader.TryRead(payload, out message, out reason);

    /// <summary>As it goes over the channel: UTF-8.</summary>
    /// <exception cref="ArgumentException">A text holds half of a surrogate pair, which UTF-8 does not have.</exception>
    public byte[] ToUtf8() => MessageWriter.Write(this);

    /// <summary>The message as JSON.</summary>
    public override string ToString() => System.Text.Encoding.UTF8.GetString(ToUtf8());

    internal static string NewId() => Guid.NewGuid().ToString();

    internal InvalidationMessage Named(string id, MessageTime? time = null) => new()
    {
        MessageId = id,
        EntityType = EntityType,
        EntityId = EntityId,
        Pattern = Pattern,
        EntityIds = EntityIds,
        Action = Action,
        Timestamp = time ?? Timestamp,
        SourceService = SourceService,
        Metadata = Metadata,
    };

    private static InvalidationMessage OfEntity(MessageAction action, EntityType type, string id, string sourceService, TimeProvider? time)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentException.ThrowIfNullOrEmpty(id);
        return new()
        {
            MessageId = NewId(),
            EntityType = type,
            EntityId = id,
            Action = action,
            Timestamp = Now(time),
            SourceService = sourceService,
        };
    }

    private static MessageTime Now(TimeProvider? time) => MessageTime.From(GuardedTime.Over(time ?? TimeProvider.System).GetUtcNow());
}
