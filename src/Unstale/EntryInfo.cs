namespace Unstale;

/// <summary>Snapshot of an entry in this process's memory, returned by <see cref="UnstaleCache.Inspect"/>.</summary>
/// <param name="Key">Key of the entry.</param>
/// <param name="State">Whether a read would be served.</param>
/// <param name="ExpiresIn">Time until expiration; zero once expired.</param>
/// <param name="FreshIn">Time for which the value remains fresh; zero if a read would refresh the value.</param>
/// <param name="Tags">Tags of the entry, including the tags of its dependencies.</param>
/// <param name="Dependencies">Keys of the entries from which the value was made, directly or indirectly.</param>
/// <param name="Position">Position as of which the value is true.</param>
public sealed record EntryInfo(
    string Key, EntryState State, TimeSpan ExpiresIn, TimeSpan FreshIn, IReadOnlyList<string> Tags, IReadOnlyList<string> Dependencies, LogPosition Position)
{
    /// <summary>
    /// Whether the value was made from more than <see cref="UnstaleOptions.MaximumDependencies"/> keys and tags, so that any later record of the log
    /// makes it stale.
    /// </summary>
    public bool DependsOnAnyRecord { get; init; }
}
