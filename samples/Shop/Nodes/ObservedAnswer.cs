using System.Text.Json.Serialization;

namespace Shop.Nodes;

/// <summary>Answer of one cache of one node, compared with the database.</summary>
/// <param name="Cache">Name of the cache or of the strategy.</param>
/// <param name="Node">Name of the node.</param>
/// <param name="Stale">Whether the answer is older than the database.</param>
/// <param name="Answers">Number of answers so far.</param>
/// <param name="StaleAnswers">Number of answers so far that were older than the database.</param>
/// <param name="Version">Version of the product in the answer. Left out if the answer has no such product, or if there is no answer.</param>
/// <param name="Price">Price in the answer.</param>
/// <param name="Outcome">Source of the answer: memory, stale, remote, load or joined; none if the node holds no such value and would load it.</param>
/// <param name="AgeMs">Time since the value was stored in memory, in milliseconds.</param>
/// <param name="StaleForMs">Time from the last write until the last stale answer, in milliseconds; 0 if there was none.</param>
/// <param name="PossibleMs">Longest time for which the value can be stale: until it is replaced or expires, in milliseconds.</param>
/// <param name="TrueAfterMs">Time from the last write until the first true answer, in milliseconds. Left out before it.</param>
/// <param name="TrueFrom">Source of the first true answer.</param>
internal sealed record ObservedAnswer(
    string Cache,
    string Node,
    bool Stale,
    long Answers,
    long StaleAnswers,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Version,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] decimal? Price,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Outcome,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? AgeMs,
    double StaleForMs,
    double PossibleMs,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? TrueAfterMs,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? TrueFrom)
{
    public static ObservedAnswer Of(Place place, Shown shown, bool isStale, AnswerTally tally) =>
        new(
            place.Cache,
            place.Node.Name,
            isStale,
            tally.Answers,
            tally.StaleAnswers,
            shown.Product?.Version,
            shown.Product?.Price,
            shown.Outcome,
            Milliseconds(shown.Age),
            Milliseconds(tally.StaleFor)!.Value,
            Milliseconds(isStale ? tally.StaleFor + shown.ExpiresIn.GetValueOrDefault() : tally.StaleFor)!.Value,
            Milliseconds(tally.TrueAfter),
            tally.TrueFrom);

    public static double? Milliseconds(TimeSpan? time) => time is { } known ? Math.Round(known.TotalMilliseconds, 3) : null;
}
