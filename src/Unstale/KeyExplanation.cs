using Unstale.Diagnostics;

namespace Unstale;

/// <summary>State of a key on this node, with the recent invalidations that concern the key.</summary>
public sealed record KeyExplanation
{
    /// <summary>Explained key.</summary>
    public required string Key { get; init; }

    /// <summary>State of the value in memory.</summary>
    public required EntryState State { get; init; }

    /// <summary>Log position as of which the value in memory is valid; null for none.</summary>
    public LogPosition? Position { get; init; }

    /// <summary>Time since the value was stored in memory.</summary>
    public TimeSpan? Age { get; init; }

    /// <summary>Remaining time until the value in memory expires; zero for an expired value.</summary>
    public TimeSpan? ExpiresIn { get; init; }

    /// <summary>Remaining time for which the value counts as fresh; zero if a read would refresh the value.</summary>
    public TimeSpan? FreshIn { get; init; }

    /// <summary>
    /// Tags of the value in memory. Without a value in memory, the tags of the last value if still remembered, otherwise the tags in the second level.
    /// </summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Keys from which the same value was made.</summary>
    public IReadOnlyList<string> Dependencies { get; init; } = [];

    /// <summary>Rows on which the same value depends, as predicates such as <c>product[category_id=3]{name}</c>, see <see cref="LoadContext.DependsOn"/>.</summary>
    public IReadOnlyList<string> Rows { get; init; } = [];

    /// <summary>
    /// Whether the value was made from more than <see cref="UnstaleOptions.MaximumDependencies"/> names. Any later record of the log invalidates such
    /// a value.
    /// </summary>
    public bool DependsOnAnyRecord { get; init; }

    /// <summary>State of the key in the second level.</summary>
    public required RemoteExplanation Remote { get; init; }

    /// <summary>Last value of the key removed from memory; null if none was removed recently. A value replaced while still valid is not remembered.</summary>
    public RemovedExplanation? Removed { get; init; }

    /// <summary>
    /// First record that invalidated the value in memory or, without a value in memory, the last value. Null if no record invalidated the value, or
    /// if the record is no longer remembered: see <see cref="InvalidationLogOptions.RecentRecords"/>.
    /// </summary>
    public ExplainedRecord? TakenBy { get; init; }

    /// <summary>Most recent records that concern the key, newest first: by its key, tags, keys it was made from, selectors or everything.</summary>
    public IReadOnlyList<ExplainedRecord> Recent { get; init; } = [];

    /// <summary>Returns the explanation as a readable sentence.</summary>
    public override string ToString() => ExplanationText.Format(this);
}
