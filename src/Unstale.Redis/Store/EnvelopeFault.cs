namespace Unstale.Redis.Store;

/// <summary>Why a stored value cannot be read. Each is a miss.</summary>
internal enum EnvelopeFault
{
    None,

    /// <summary>It ends before it should, or goes on after it.</summary>
    Length,

    /// <summary>It is no value of this format, or of a later one.</summary>
    Format,

    /// <summary>Its checksum says that it was damaged.</summary>
    Checksum,

    /// <summary>Its tags cannot be read.</summary>
    Tags,

    /// <summary>Its payload is larger than the cache takes.</summary>
    TooLarge,

    /// <summary>Its payload cannot be decompressed to the length that it states.</summary>
    Payload,

    /// <summary>It was written in another generation, or claims to be true as of a record to come.</summary>
    Position,

    /// <summary>What the log says about it cannot be read: a listed pattern.</summary>
    Listing,
}
