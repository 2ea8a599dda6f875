using Unstale.Log;

namespace Unstale.Rules;

/// <summary>Targets of a change: first the names of the change itself, then the targets of each rule in order of execution.</summary>
/// <param name="Steps">One step for the change and one for each rule that ran. A step has no targets if other steps name all of its targets.</param>
/// <param name="Depth">Maximum level of relationships followed; 0 for none.</param>
/// <param name="Missing">Number of placeholders without a value.</param>
internal sealed record Expansion(IReadOnlyList<RuleStep> Steps, int Depth, int Missing);

/// <param name="Rule">Rule of the step; null for the names of the change itself.</param>
/// <param name="Strategy">Strategy that determines when the targets are invalidated.</param>
/// <param name="ServeStaleOnce">Whether the old values may be served once. If true, all targets are tags.</param>
/// <param name="Targets">Targets, without targets that another step invalidates at least as early.</param>
/// <param name="Missing">Number of placeholders of this rule without a value.</param>
internal sealed record RuleStep(
    RuleState? Rule, InvalidationStrategy Strategy, bool ServeStaleOnce, IReadOnlyList<NamedTarget> Targets, int Missing = 0);

/// <param name="Target">Target of the invalidation.</param>
/// <param name="Chain">Path to the target, such as <c>product -> pricing</c>; null if the target is named directly.</param>
internal readonly record struct NamedTarget(InvalidationTarget Target, string? Chain);
