using System.Text.Json.Serialization;

namespace Unstale;

/// <summary>Last removed value of a key.</summary>
/// <param name="Cause">Cause of the removal.</param>
/// <param name="Ago">Time since the removal, by a monotonic clock. An invalidated value is removed at the next read, or by a sweep soon afterwards.</param>
/// <param name="Position">Log position as of which the value was valid; null if the history of the value is forgotten.</param>
/// <param name="TakenBy">First record that invalidated the value, if the cause is an invalidation and the record is still remembered.</param>
public sealed record RemovedExplanation(RemovalCause Cause, TimeSpan Ago, LogPosition? Position, ExplainedRecord? TakenBy);

/// <summary>Reason for the removal of a value.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RemovalCause>))]
public enum RemovalCause
{
    /// <summary>The value was invalidated.</summary>
    Invalidated,

    /// <summary>The lifetime of the value ended.</summary>
    Expired,

    /// <summary>The cache was full: see <see cref="UnstaleOptions.MaximumEntries"/> and <see cref="UnstaleOptions.MaximumBytes"/>.</summary>
    EvictedForSize,

    /// <summary>A newer value was loaded but not stored: its load called <see cref="LoadContext.DoNotStore"/>, or the value is too large.</summary>
    NotStored,
}
