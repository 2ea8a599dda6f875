namespace Unstale.Redis.Log;

/// <summary>
/// Limits of what is read of a log, checked before memory is taken. All lie above what a writer makes: 500 targets or 16 KB a record, one name of
/// 65,536 characters, pushes of 8,192 bytes, pages of 1,000 records, 64 listed selectors.
/// </summary>
internal static class RecordLimits
{
    /// <summary>Names and values of one record, in bytes; 256 KB.</summary>
    public const int Bytes = 256 << 10;

    /// <summary>Targets of one record.</summary>
    public const int Targets = 1000;

    /// <summary>Text of a glob or a regular expression, in bytes: three for each character.</summary>
    public const int PatternBytes = 3 * KeyPattern.MaximumLength;

    /// <summary>JSON of an all-of, and with it the longest text of a listed selector, in bytes: 2,048 characters, each escaped; 16 KB.</summary>
    public const int SelectorBytes = 16 << 10;

    /// <summary>One push, in bytes; 256 KB.</summary>
    public const int PushBytes = 256 << 10;

    /// <summary>Records of one push, or of one page of a tail.</summary>
    public const int Records = 4096;

    /// <summary>Selectors that the server lists.</summary>
    public const int Listed = 256;

    /// <summary>The list of caches, in bytes: a turn of it ends above 8,192; 64 KB.</summary>
    public const int CacheListBytes = 64 << 10;

    /// <summary>Origin of records that is kept for the next ones, in bytes.</summary>
    public const int KeptOrigin = 512;

    /// <summary>Name of a node, or its entry, in bytes.</summary>
    public const int MemberBytes = 256;
}
