namespace Unstale.Redis.Store;

/// <summary>What a remote store may take.</summary>
internal sealed record RedisStoreSettings
{
    // What else a reply holds: 64 patterns of 1,024 characters, in UTF-8, or all-of tags of 2,048, escaped as JSON, and the reply's own parts.
    private const int ListingRoom = 1 << 20;

    /// <summary>Payloads of so many bytes or more are compressed; 2 KB.</summary>
    public int CompressFrom { get; init; } = PayloadCompression.DefaultThreshold;

    /// <summary>The largest payload that is read, in bytes after decompression; 64 MB. A larger one is a miss, and no memory is taken for it.</summary>
    public int MaximumPayload
    {
        get;
        init => field = Math.Min(value, EnvelopeLayout.MaximumPayload);
    }
    = EnvelopeLayout.MaximumPayload;

    /// <summary>What a value may take, its tags included, so that the client still takes the reply that holds it; 63 MB.</summary>
    public long MaximumBytes { get; init; } = (64 << 20) - ListingRoom;
}
