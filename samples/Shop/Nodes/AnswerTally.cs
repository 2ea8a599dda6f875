namespace Shop.Nodes;

/// <summary>Count of the answers of one place about one product, and the times measured for the newest version.</summary>
/// <param name="Version">Newest version of the database.</param>
/// <param name="Answers">Number of answers.</param>
/// <param name="StaleAnswers">Number of answers that were older than the database.</param>
/// <param name="StaleFor">Time from the write until the last stale answer; zero if none was seen since the write.</param>
/// <param name="TrueAfter">Time from the write until the first answer with the newest version; null before it.</param>
/// <param name="TrueFrom">Source of that first answer.</param>
internal sealed record AnswerTally(
    long Version, long Answers = 0, long StaleAnswers = 0, TimeSpan StaleFor = default, TimeSpan? TrueAfter = null, string? TrueFrom = null)
{
    /// <summary>Returns the tally after memory was found empty: the old value cannot be served any more.</summary>
    public AnswerTally WithNothing(long current, TimeSpan? sinceWrite)
    {
        var next = For(current);
        return next.TrueAfter is null && sinceWrite is not null ? next with { TrueAfter = sinceWrite, TrueFrom = Shown.Nothing } : next;
    }

    /// <summary>Returns the tally with one more answer.</summary>
    /// <param name="current">Version of the database, read before the answer.</param>
    /// <param name="isStale">Whether the answer is older.</param>
    /// <param name="sinceWrite">Time since the version of the answer is out of date, or since the newest version was written. Null for a row that was never written again.</param>
    /// <param name="outcome">Source of the answer.</param>
    public AnswerTally With(long current, bool isStale, TimeSpan? sinceWrite, string outcome)
    {
        var next = For(current) with { Answers = Answers + 1 };
        if (isStale)
            return next with { StaleAnswers = StaleAnswers + 1, StaleFor = sinceWrite.GetValueOrDefault() };

        return next.TrueAfter is null && sinceWrite is not null ? next with { TrueAfter = sinceWrite, TrueFrom = outcome } : next;
    }

    private AnswerTally For(long current) =>
        current == Version ? this : this with { Version = current, StaleFor = default, TrueAfter = null, TrueFrom = null };
}
