namespace Unstale.Redis.Log;

/// <summary>
/// Limits for data read from a log, checked before memory is allocated. All limits are above the maximum that a writer produces: 500 targets or
/// 16 KB per record, one name of 65,536 characters, pushes of 8,192 bytes, pages of 1,000 records, 64 listed selectors.
/// </summary>
internal static class RecordLimits
{
    /// <summary>Maximum size of the names and values of one record, in bytes: 256 KB.</summary>
    public const int Bytes = 256 << 10;

    /// <summary>Maximum number of targets of one record.</summary>
    public const int Targets = 1000;

    /// <summary>Maximum size of a glob or a regular expression, in bytes: three for each character.</summary>
    public const int PatternBytes = 3 * KeyPattern.MaximumLength;

    /// <summary>Maximum size of the JSON of an all-of, and thus of the text of any listed selector, in bytes: 2,048 characters, each escaped; 16 KB.</summary>
    public const int SelectorBytes = 16 << 10;

    /// <summary>Maximum size of one push, in bytes: 256 KB.</summary>
    public const int PushBytes = 256 << 10;

    /// <summary>Maximum number of records in one push, or in one page of a tail.</summary>
    public const int Records = 4096;

    /// <summary>Maximum number of selectors listed by the server.</summary>
    public const int Listed = 256;

    /// <summary>Maximum size of the list of caches, in bytes: 64 KB. The server begins a new list above 8,192 bytes.</summary>
    public const int CacheListBytes = 64 << 10;

    /// <summary>Maximum size of an origin that is cached for later records, in bytes.</summary>
    public const int KeptOrigin = 512;

    /// <summary>Maximum size of a node's name or of its entry, in bytes.</summary>
    public const int MemberBytes = 256;
}
