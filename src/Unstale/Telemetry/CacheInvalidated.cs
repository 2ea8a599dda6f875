using System.Collections;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Unstale.Boundary;

namespace Unstale.Telemetry;

/// <summary>
/// Log event <c>cache_invalidated</c>: entries cleared by an event or a command. Other systems already search for the names of its fields.
/// </summary>
/// <param name="EventType">Type of the event or the command.</param>
/// <param name="Pattern">Named targets, without values.</param>
/// <param name="Timestamp">Time of the invalidation.</param>
internal sealed record CacheInvalidated(string EventType, string Pattern, DateTimeOffset Timestamp) : IReadOnlyList<KeyValuePair<string, object?>>
{
    public const string Name = "cache_invalidated";
    public const string Operation = "CACHE_INVALIDATION";

    private const string Template = "{operation}: {event_type} cleared {keys_cleared} entries by {pattern}.";

    /// <summary>Number of cleared entries in this process; null if no caller waited for the count.</summary>
    public long? KeysCleared { get; init; }

    public int Count => 6;

    public KeyValuePair<string, object?> this[int index] => index switch
    {
        0 => new("event_type", EventType),
        1 => new("pattern", Pattern),
        2 => new("keys_cleared", KeysCleared),
        3 => new("operation", Operation),
        4 => new("timestamp", Timestamp.ToString("O", CultureInfo.InvariantCulture)),
        5 => new("{OriginalFormat}", Template),
        _ => throw new ArgumentOutOfRangeException(nameof(index)),
    };

    public void Write(GuardedLogger logger) =>
        logger.Log(LogLevel.Information, new EventId(EventIds.CacheInvalidated, Name), this, null, static (report, _) => report.ToString());

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Operation}: {EventType} cleared {KeysCleared?.ToString(CultureInfo.InvariantCulture) ?? "uncounted"} entries by {Pattern}.");

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
