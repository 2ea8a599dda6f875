using Unstale.Log;
using Unstale.Rules;

namespace Unstale.Tests.Rules;

/// <summary>Part of an evaluation: the names of the change itself, or the targets of one rule.</summary>
internal sealed record RuleStep(
    CompiledRule? Rule, InvalidationStrategy Strategy, bool ServeStaleOnce, IReadOnlyList<InvalidationItem> Targets, int Missing);
