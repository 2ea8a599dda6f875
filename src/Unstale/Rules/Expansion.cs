using Unstale.Log;

namespace Unstale.Rules;

/// <summary>What a change takes: first what it names itself, then what each rule takes, in the order in which they run.</summary>
/// <param name="Steps">A rule that ran has its step, also when others name all that it takes: its targets are then none.</param>
/// <param name="Depth">The deepest level of relationships that was walked; 0 is none.</param>
/// <param name="Missing">How many placeholders found no value.</param>
internal sealed record Expansion(IReadOnlyList<RuleStep> Steps, int Depth, int Missing);

/// <param name="Rule">Null for what the change names itself.</param>
/// <param name="Strategy">When the targets are given up.</param>
/// <param name="ServeStaleOnce">True if the old values may be served once; then all targets are tags.</param>
/// <param name="Targets">Without those that another step takes at least as early.</param>
/// <param name="Missing">How many placeholders of this rule found no value.</param>
internal sealed record RuleStep(
    RuleState? Rule, InvalidationStrategy Strategy, bool ServeStaleOnce, IReadOnlyList<NamedTarget> Targets, int Missing = 0);

/// <param name="Target">What is taken.</param>
/// <param name="Chain">How it was reached, <c>product -> pricing</c>; null when it is named directly.</param>
internal readonly record struct NamedTarget(InvalidationTarget Target, string? Chain);
