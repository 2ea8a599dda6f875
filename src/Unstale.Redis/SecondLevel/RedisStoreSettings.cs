namespace Unstale.Redis.SecondLevel;

/// <summary>Size limits of a remote store.</summary>
internal sealed record RedisStoreSettings
{
    // Room for the rest of a reply: 64 patterns of 1,024 characters in UTF-8, or all-of tags of 2,048 characters escaped as JSON, and protocol overhead.
    private const int ListingRoom = 1 << 20;

    /// <summary>Size from which payloads are compressed, in bytes. Default: 2 KB.</summary>
    public int CompressFrom { get; init; } = PayloadCompression.DefaultThreshold;

    /// <summary>Maximum size of a payload to read, in bytes after decompression. A larger payload is a miss and no memory is allocated. Default: 64 MB.</summary>
    public int MaximumPayload
    {
        get;
        init => field = Math.Min(value, EnvelopeLayout.MaximumPayload);
    }
    = EnvelopeLayout.MaximumPayload;

    /// <summary>Maximum size of a value including its tags, in bytes, so that the client still accepts the reply with the value. Default: 63 MB.</summary>
    public long MaximumBytes { get; init; } = (64 << 20) - ListingRoom;
}
