namespace Unstale.Horizon;

/// <summary>Settings of a horizon. Times are in milliseconds.</summary>
internal sealed record HorizonSettings
{
    public int Partition { get; init; }

    /// <summary>Whether the log is local and cannot break. The node is then always trusted, and no records are stored for replay.</summary>
    public bool IsLocal { get; init; }

    /// <summary>
    /// Whether own invalidations of tags without a cell are noted. False for a log of several partitions: another partition may have the cell. Default: true.
    /// </summary>
    public bool NotesUnmatched { get; init; } = true;

    public long StalenessBound { get; init; } = 5_000;

    /// <summary>Time for which own acknowledged records are stored, to be appended again in a new generation.</summary>
    public long ReplayWindow { get; init; } = 60_000;

    public int ReplayCapacity { get; init; } = 65_536;

    /// <summary>Maximum number of invalidations queued while the log is unavailable. Above the limit, all collapse to one "everything".</summary>
    public int RetryCapacity { get; init; } = 65_536;

    public int MaximumSelectors { get; init; } = 1_024;

    /// <summary>
    /// Approximate time for which a selector is stored. Must exceed the duration of a load, and the time for which a fork can remain undetected.
    /// </summary>
    public long SelectorLifetime { get; init; } = 600_000;

    /// <summary>
    /// Base-2 logarithm of the number of stripes for key marks, and of the number for marks of tags without a holder. At 100 invalidations per
    /// second, an hour-old value of the second level is suspected because of an unrelated mark in three of ten cases with 2^20 stripes, and always
    /// with 2^16. Default: 16 for a local log, otherwise 20.
    /// </summary>
    public int StripeBits
    {
        get => field > 0 ? field : IsLocal ? 16 : 20;
        init;
    }

    /// <summary>Number of changes of a table that are compared with a predicate held later. Default: 256.</summary>
    public int RecentChanges { get; init; } = 256;

    /// <summary>Number of recent records stored to explain removals. Default: 0 (none).</summary>
    public int RecentRecords { get; init; }
}
