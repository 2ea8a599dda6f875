using System.Text.Json;
using Unstale.Boundary;

namespace Unstale.Redis.Channel;

/// <summary>
/// Message between services over the channel. The wire format is compact JSON of nine fields; the page <c>channel.md</c> of the documentation
/// describes the fields.
/// </summary>
public sealed class InvalidationMessage
{
    private const string PatternType = "pattern";
    private const string BatchType = "batch";

    /// <summary>Unique id of the message. For messages created here, a random UUID in lower case.</summary>
    public required string MessageId { get; init; }

    /// <summary>Type of the entity.</summary>
    public required EntityType EntityType { get; init; }

    /// <summary>Id of the entity; null for a batch or a pattern.</summary>
    public string? EntityId { get; init; }

    /// <summary>Pattern over cache keys, by the rules of Redis; null except for <see cref="MessageAction.Pattern"/>.</summary>
    public string? Pattern { get; init; }

    /// <summary>Complete cache keys; null except for <see cref="MessageAction.Batch"/>.</summary>
    public IReadOnlyList<string>? EntityIds
    {
        get;
        init => field = value is null ? null : [.. value];
    }

    /// <summary>Requested action.</summary>
    public required MessageAction Action { get; init; }

    /// <summary>Time of creation, by the clock of the sender.</summary>
    public required MessageTime Timestamp { get; init; }

    /// <summary>Name of the sending service.</summary>
    public required string SourceService { get; init; }

    /// <summary>Additional data of the sender, as JSON; null for none.</summary>
    /// <remarks>The element is copied, so its document may be disposed.</remarks>
    public JsonElement? Metadata
    {
        get;
        init => field = value?.Clone();
    }

    /// <summary>Creates a message that one entity was deleted.</summary>
    public static InvalidationMessage Delete(EntityType type, string id, string sourceService, TimeProvider? time = null) =>
        OfEntity(MessageAction.Delete, type, id, sourceService, time);

    /// <summary>Creates a message that one entity has changed.</summary>
    public static InvalidationMessage Update(EntityType type, string id, string sourceService, TimeProvider? time = null) =>
        OfEntity(MessageAction.Update, type, id, sourceService, time);

    /// <summary>Creates a message that invalidates cache keys. An empty list invalidates nothing.</summary>
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

    /// <summary>Creates a message that invalidates all cache keys matching the pattern. <c>*</c> matches everything.</summary>
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

    /// <summary>Parses a message received over the channel.</summary>
    /// <param name="payload">UTF-8 text.</param>
    /// <param name="message">The message.</param>
    /// <param name="reason">Short reason for the rejection, without any content of the payload.</param>
    public static bool TryParse(ReadOnlySpan<byte> payload, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out InvalidationMessage? message, out string? reason) =>
        MessageReader.TryRead(payload, out message, out reason);

    /// <summary>Returns the message as UTF-8, in the form sent over the channel.</summary>
    /// <exception cref="ArgumentException">A text contains half of a surrogate pair, which UTF-8 cannot represent.</exception>
    public byte[] ToUtf8() => MessageWriter.Write(this);

    /// <summary>Returns the message as JSON.</summary>
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
