namespace Unstale.Rules;

/// <summary>How a key stands on this node, and what was invalidated that concerns it.</summary>
public sealed record KeyExplanation
{
    /// <summary>The key.</summary>
    public required string Key { get; init; }

    /// <summary>How its value stands in memory.</summary>
    public required EntryState State { get; init; }

    /// <summary>The position that the value in memory is true as of; null if there is none.</summary>
    public LogPosition? Position { get; init; }

    /// <summary>How long ago it came into memory.</summary>
    public TimeSpan? Age { get; init; }

    /// <summary>What is left of its life in memory; zero once it has expired.</summary>
    public TimeSpan? ExpiresIn { get; init; }

    /// <summary>How long it still counts as fresh; zero once a read would refresh it.</summary>
    public TimeSpan? FreshIn { get; init; }

    /// <summary>The tags of the value in memory; if there is none, those of the value held last, if they are still known, or of the second level's.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The keys that it was made from, of the same value.</summary>
    public IReadOnlyList<string> Dependencies { get; init; } = [];

    /// <summary>True if the value was made from more than <see cref="UnstaleOptions.MaximumDependencies"/> names: any later record of the log makes it stale.</summary>
    public bool DependsOnAnyRecord { get; init; }

    /// <summary>What the second level has.</summary>
    public required RemoteExplanation Remote { get; init; }

    /// <summary>The value before the present one that went by itself; null if none did lately. A value that was replaced while it was true is not remembered.</summary>
    public RemovedExplanation? Removed { get; init; }

    /// <summary>
    /// The first record that took the value in memory, or, where none is held, the value held last. Null if nothing took it, or if the record
    /// is no longer among those remembered: <see cref="UnstaleOptions.RecentRecords"/>.
    /// </summary>
    public ExplainedRecord? TakenBy { get; init; }

    /// <summary>The newest records that concern the key, newest first: by its key, its tags, what it was made from, patterns, everything.</summary>
    public IReadOnlyList<ExplainedRecord> Recent { get; init; } = [];

    /// <summary>In a sentence, for people.</summary>
    public override string ToString() => ExplanationText.Of(this);
}
