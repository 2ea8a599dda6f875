namespace Unstale.Horizon;

/// <summary>The numbers of a horizon; times in milliseconds.</summary>
internal sealed record HorizonSettings
{
    public int Partition { get; init; }

    /// <summary>True for a log that cannot break: trusted always, nothing is kept for replay.</summary>
    public bool IsLocal { get; init; }

    public long StalenessBound { get; init; } = 5_000;

    /// <summary>How long own acknowledged records are kept, to be appended again in a new generation.</summary>
    public long ReplayWindow { get; init; } = 60_000;

    public int ReplayCapacity { get; init; } = 65_536;

    /// <summary>How many invalidations wait for a log that cannot be reached; more collapse to one "everything".</summary>
    public int RetryCapacity { get; init; } = 65_536;

    public int BroadKept { get; init; } = 1_024;

    /// <summary>How long a pattern is kept, about; longer than a load takes and than a fork stays hidden.</summary>
    public long BroadLife { get; init; } = 600_000;

    /// <summary>
    /// How many places the marks of keys have, and those of tags that nobody holds, as a power of two. At 100 invalidations a second a value of
    /// the second level that is an hour old is suspected because of another's mark in three of ten cases with 2^20 of them, and always with 2^16.
    /// </summary>
    public int StripeBits
    {
        get => field > 0 ? field : IsLocal ? 16 : 20;
        init;
    }

    /// <summary>How many records are kept for those who ask why something went; 0 is none.</summary>
    public int RecentRecords { get; init; }
}
