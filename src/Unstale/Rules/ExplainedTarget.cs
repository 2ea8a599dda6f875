using Unstale.Log;

namespace Unstale.Rules;

/// <summary>What a record named that concerns a key.</summary>
/// <param name="Kind">What it is: the key, a tag, a pattern, everything.</param>
/// <param name="Text">The key, the tag, the pattern's text; empty for everything.</param>
/// <param name="Rule">The rule that named it; null if the call itself did, or nobody said.</param>
/// <param name="Chain">The way from what the rule or the call named to it, <c>product -> pricing</c>; null if it was named directly.</param>
/// <param name="MadeFrom">The key that it is about, where the value was made from that one's; null if it is about the value itself.</param>
public sealed record ExplainedTarget(TargetKind Kind, string Text, string? Rule, string? Chain, string? MadeFrom)
{
    /// <summary>For people: <c>tag 'user' (rule 'sessions', user -> session)</c>.</summary>
    public override string ToString() => ExplanationText.Of(this);
}
