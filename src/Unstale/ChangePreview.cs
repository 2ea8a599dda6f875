using Unstale.Rules;

namespace Unstale;

/// <summary>Preview of the entries on this node that a change would invalidate, among all entries held in memory by any cache of the log.</summary>
/// <param name="Steps">Causes and their targets in order. An entry counts for the first step that invalidates the entry.</param>
/// <param name="Entries">Number of entries the change would invalidate.</param>
/// <param name="Depth">Maximum level of relationships or declared dependencies the change follows; 0 for none.</param>
/// <param name="Missing">Number of placeholders without a value. A missing value invalidates everything the placeholder could refer to.</param>
public sealed record ChangePreview(IReadOnlyList<PreviewStep> Steps, long Entries, int Depth, int Missing);

/// <summary>Targets of one cause, with the entries the targets would invalidate.</summary>
/// <param name="Kind">Cause of the invalidation.</param>
/// <param name="Rule">Name of the rule; null for any other cause.</param>
/// <param name="Strategy">Strategy that determines when the targets are invalidated.</param>
/// <param name="Targets">Targets of this step, without targets that another step invalidates at least as early.</param>
/// <param name="Entries">Number of entries invalidated by this step and by no earlier step.</param>
/// <param name="Samples">Keys of some of the entries.</param>
/// <param name="Missing">Number of placeholders of the rule without a value.</param>
public sealed record PreviewStep(
    PreviewStepKind Kind,
    string? Rule,
    InvalidationStrategy Strategy,
    IReadOnlyList<ExplainedTarget> Targets,
    long Entries,
    IReadOnlyList<string> Samples,
    int Missing);

/// <summary>Cause of an invalidation.</summary>
public enum PreviewStepKind
{
    /// <summary>The names of the change itself, and names reached by relationships that belong to no rule.</summary>
    Change,

    /// <summary>A rule.</summary>
    Rule,

    /// <summary>Keys declared to depend on the targets.</summary>
    Dependents,

    /// <summary>More than 10,000 names, which invalidate everything.</summary>
    TooManyNames,
}
