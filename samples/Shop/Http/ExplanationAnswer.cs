using System.Text.Json.Serialization;
using Unstale.Rules;

namespace Shop.Http;

/// <summary>Why the cache holds a key, or does not.</summary>
/// <param name="Key">The key.</param>
/// <param name="State">live, stale, expired, invalidated, nottrusted or absent.</param>
/// <param name="Explanation">In a sentence.</param>
/// <param name="Tags">The tags of the value, or of the one held last.</param>
/// <param name="MadeFrom">The keys that it was made from.</param>
/// <param name="TakenBy">What took the value. Left out if nothing did, or nobody remembers.</param>
/// <param name="Recent">What was invalidated lately that concerns the key, newest first.</param>
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
