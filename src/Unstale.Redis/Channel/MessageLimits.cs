namespace Unstale.Redis.Channel;

/// <summary>Limits of a message, for publishers and readers alike, checked before memory is allocated.</summary>
internal static class MessageLimits
{
    /// <summary>Maximum size of one message in bytes: 8 MB.</summary>
    public const int Bytes = 8 << 20;

    /// <summary>Maximum total size in bytes of the messages of one channel that wait for their callback: 64 MB.</summary>
    public const int WaitingBytes = 64 << 20;

    /// <summary>Maximum number of keys in one batch.</summary>
    public const int EntityIds = 100_000;

    /// <summary>Maximum size of the metadata of one message, in bytes of JSON: 64 KB.</summary>
    public const int MetadataBytes = 64 << 10;

    /// <summary>Rejects a payload of a foreign channel that listeners would reject.</summary>
    /// <exception cref="ArgumentException">The payload is too long.</exception>
    public static void Check(ReadOnlySpan<byte> payload)
    {
        if (payload.Length > Bytes)
            throw Errors.PayloadTooLarge(payload.Length, Bytes);
    }

    /// <summary>Rejects a message that readers would reject.</summary>
    /// <exception cref="ArgumentException">The message exceeds a limit.</exception>
    public static void Check(InvalidationMessage message, byte[] payload)
    {
        if (payload.Length > Bytes || message.EntityIds?.Count > EntityIds || message.Metadata?.GetRawText() is { } metadata && System.Text.Encoding.UTF8.GetByteCount(metadata) > MetadataBytes)
            throw Errors.MessageTooLarge();
    }
}
