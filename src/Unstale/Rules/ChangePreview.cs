using Unstale.Log;

namespace Unstale.Rules;

/// <summary>What a change would take on this node, of what is held now in memory under the log by any cache.</summary>
/// <param name="Steps">What takes what, in the order in which it counts: an entry counts for the first step that takes it.</param>
/// <param name="Entries">How many entries would go.</param>
/// <param name="Depth">The deepest level of relationships, or of declared dependencies, that the change walks; 0 is none.</param>
/// <param name="Missing">How many placeholders found no value: for each, everything that may be meant is taken.</param>
public sealed record ChangePreview(IReadOnlyList<PreviewStep> Steps, long Entries, int Depth, int Missing);

/// <summary>What one of the causes would take.</summary>
/// <param name="Kind">What takes it.</param>
/// <param name="Rule">The rule's name; null if it is no rule.</param>
/// <param name="Strategy">When it is taken.</param>
/// <param name="Targets">What is named, without what another step takes at least as early.</param>
/// <param name="Entries">How many entries would go that no step before takes.</param>
/// <param name="Samples">Some of their keys.</param>
/// <param name="Missing">How many placeholders of the rule found no value.</param>
public sealed record PreviewStep(
    PreviewStepKind Kind,
    string? Rule,
    InvalidationStrategy Strategy,
    IReadOnlyList<PreviewTarget> Targets,
    long Entries,
    IReadOnlyList<string> Samples,
    int Missing);

/// <summary>What takes entries.</summary>
public enum PreviewStepKind
{
    /// <summary>The names of the change itself, and those of relationships that belong to no rule.</summary>
    Change,

    /// <summary>A rule.</summary>
    Rule,

    /// <summary>Keys that were declared to depend on what is taken.</summary>
    Dependents,

    /// <summary>More than 10,000 names, which is everything.</summary>
    TooManyNames,
}

/// <summary>What would be named.</summary>
/// <param name="Kind">A key, a tag, a pattern, everything.</param>
/// <param name="Text">The key, the tag, the pattern's text; empty for everything.</param>
/// <param name="Chain">How it is reached, <c>product -> pricing</c>; null if it is named directly.</param>
public sealed record PreviewTarget(TargetKind Kind, string Text, string? Chain);
