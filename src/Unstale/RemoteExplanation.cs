using System.Text.Json.Serialization;

namespace Unstale;

/// <summary>State of a key in the second level.</summary>
/// <param name="State">Whether the second level has a value that can be served.</param>
/// <param name="Age">Time since the value was stored in the second level.</param>
/// <param name="ExpiresIn">Remaining time until the value expires.</param>
/// <param name="Tags">Tags of the value.</param>
/// <param name="Dependencies">Keys from which the value was made.</param>
/// <param name="Position">Log position as of which the value is valid.</param>
public sealed record RemoteExplanation(
    RemoteState State,
    TimeSpan? Age = null,
    TimeSpan? ExpiresIn = null,
    IReadOnlyList<string>? Tags = null,
    IReadOnlyList<string>? Dependencies = null,
    LogPosition? Position = null)
{
    /// <summary>Rows on which the value depends, as predicates.</summary>
    public IReadOnlyList<string> Rows { get; init; } = [];
}

/// <summary>Whether the second level has a value that can be served.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RemoteState>))]
public enum RemoteState
{
    /// <summary>The cache has no second level.</summary>
    None,

    /// <summary>The second level has a value that can be served.</summary>
    Held,

    /// <summary>The second level has no value, or none that can be served: expired, invalidated or unreadable.</summary>
    Absent,

    /// <summary>The second level was not read: the explanation covers memory only.</summary>
    NotRead,

    /// <summary>The second level did not reply, or this node has not read the history of the log yet.</summary>
    NotReachable,
}
