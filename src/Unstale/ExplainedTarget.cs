using Unstale.Diagnostics;
using Unstale.Log;

namespace Unstale;

/// <summary>Target of a record that concerns a key, or target of a change in a preview.</summary>
/// <param name="Kind">Kind of the target: the key, a tag, a selector or everything.</param>
/// <param name="Text">Key, tag, or text of the selector; empty for everything.</param>
/// <param name="Rule">Rule that named the target; null if the call named the target or the origin is unknown.</param>
/// <param name="Chain">
/// Path from the name given by the rule or the call to the target, such as <c>product -> pricing</c>; null if the target was named directly.
/// </param>
/// <param name="MadeFrom">
/// Key through which the target concerns the value, if the value was made from the value of this key; null if the target concerns the value
/// directly, and in a preview.
/// </param>
public sealed record ExplainedTarget(TargetKind Kind, string Text, string? Rule, string? Chain, string? MadeFrom)
{
    /// <summary>Returns the target in readable form: <c>tag 'user' (rule 'sessions', user -> session)</c>.</summary>
    public override string ToString() => ExplanationText.Format(this);
}
