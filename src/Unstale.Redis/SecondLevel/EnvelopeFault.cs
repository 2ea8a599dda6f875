namespace Unstale.Redis.SecondLevel;

/// <summary>Reason why a stored value is unreadable. Each fault counts as a miss.</summary>
internal enum EnvelopeFault
{
    None,

    /// <summary>The value ends too early or too late.</summary>
    Length,

    /// <summary>The value has another format, or a later form of this format.</summary>
    Format,

    /// <summary>The checksum does not match: the value is damaged.</summary>
    Checksum,

    /// <summary>The tags are unreadable.</summary>
    Tags,

    /// <summary>The payload is larger than the cache accepts.</summary>
    TooLarge,

    /// <summary>The payload cannot be decompressed to the stated length.</summary>
    Payload,

    /// <summary>The value was written in another generation, or its stamp is above the newest sequence.</summary>
    Position,

    /// <summary>A listed selector is unreadable, so the value cannot be checked against the log.</summary>
    Listing,
}
