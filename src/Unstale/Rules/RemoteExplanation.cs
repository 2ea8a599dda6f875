namespace Unstale.Rules;

/// <summary>What the second level has under a key.</summary>
/// <param name="State">Whether it has a value that may be served.</param>
/// <param name="Age">How long ago that was stored there.</param>
/// <param name="ExpiresIn">What is left of its life.</param>
/// <param name="Tags">Its tags.</param>
/// <param name="Dependencies">The keys that it was made from.</param>
/// <param name="Position">The position it is true as of.</param>
public sealed record RemoteExplanation(
    RemoteState State,
    TimeSpan? Age = null,
    TimeSpan? ExpiresIn = null,
    IReadOnlyList<string>? Tags = null,
    IReadOnlyList<string>? Dependencies = null,
    LogPosition? Position = null);

/// <summary>Whether the second level has a value that may be served.</summary>
public enum RemoteState
{
    /// <summary>The cache has no second level.</summary>
    None,

    /// <summary>It has one.</summary>
    Held,

    /// <summary>It has nothing, or nothing that may be served: expired, invalidated, unreadable.</summary>
    Absent,

    /// <summary>It did not answer, or this node does not know the log's history yet.</summary>
    NotReachable,
}
