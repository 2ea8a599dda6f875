using System.Text.Json.Serialization;
using Unstale;

namespace Shop.Http;

/// <summary>Reason why the cache holds a key, or does not.</summary>
/// <param name="Key">Explained key.</param>
/// <param name="State">State: live, stale, expired, invalidated, nottrusted or absent.</param>
/// <param name="Explanation">Explanation in a sentence.</param>
/// <param name="Tags">Tags of the value, or of the value held last.</param>
/// <param name="MadeFrom">Keys that the value was derived from.</param>
/// <param name="TakenBy">Invalidation that removed the value. Left out if there was none, or if the record is no longer stored.</param>
/// <param name="Recent">Recent invalidations that concern the key, newest first.</param>
internal sealed record ExplanationAnswer(
    string Key,
    string State,
    string Explanation,
    IReadOnlyList<string> Tags,
    IReadOnlyList<string> MadeFrom,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] TakenByAnswer? TakenBy,
    IReadOnlyList<TakenByAnswer> Recent)
{
    public static ExplanationAnswer Of(KeyExplanation key) => new(
        key.Key,
        key.State.ToString().ToLowerInvariant(),
        key.ToString(),
        key.Tags,
        key.Dependencies,
        key.TakenBy is null ? null : TakenByAnswer.Of(key.TakenBy),
        [.. key.Recent.Select(TakenByAnswer.Of)]);
}
