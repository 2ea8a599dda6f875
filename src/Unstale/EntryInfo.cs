namespace Unstale;

/// <summary>What a cache holds under a key in this process' memory, as <see cref="UnstaleCache.Inspect"/> saw it.</summary>
/// <param name="Key">The key.</param>
/// <param name="State">Whether a read would be given the value.</param>
/// <param name="ExpiresIn">What is left of its life; zero once it has expired.</param>
/// <param name="FreshIn">How long it still counts as fresh; zero once a read would refresh it.</param>
/// <param name="Tags">The tags it carries: its own, and those of what it was made from.</param>
/// <param name="Dependencies">The keys whose entries it was made from, however many steps away.</param>
/// <param name="Position">The position it is true as of.</param>
public sealed record EntryInfo(
    string Key, EntryState State, TimeSpan ExpiresIn, TimeSpan FreshIn, IReadOnlyList<string> Tags, IReadOnlyList<string> Dependencies, LogPosition Position)
{
    /// <summary>
    /// True if the value was made from more than <see cref="UnstaleOptions.MaximumDependencies"/> keys and tags: any later record of the log makes it stale.
    /// </summary>
    public bool DependsOnAnyRecord { get; init; }
}
