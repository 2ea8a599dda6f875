using System.Diagnostics;
using Unstale.Diagnostics;
using Unstale.Log;

namespace Unstale;

/// <summary>Record of the log, or reset of this node, as far as one key is concerned.</summary>
public sealed record ExplainedRecord
{
    /// <summary>
    /// Position of the record in the log; null while the record is not appended. For a reset, the position of the node at the time of the reset.
    /// </summary>
    public required LogPosition? Position { get; init; }

    /// <summary>Id of the record; 0 for a reset.</summary>
    public required long Id { get; init; }

    /// <summary>Node that raised the record; null for a reset, which this node performs by itself.</summary>
    public string? Node { get; init; }

    /// <summary>Service that raised the record; null for a reset, which this node performs by itself.</summary>
    public string? Service { get; init; }

    /// <summary>Time at which the record was raised, by the clock of the raising node. For diagnostics only.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Reason in the words of the caller that raised the record.</summary>
    public string? Reason { get; init; }

    /// <summary>Trace in which the record was raised, as W3C trace context.</summary>
    public string? Trace { get; init; }

    /// <summary>Id of the trace, 32 hexadecimal digits; null without a valid trace.</summary>
    public string? TraceId => ActivityContext.TryParse(Trace, traceState: null, out var context) ? context.TraceId.ToHexString() : null;

    /// <summary>Instructions of the record beyond the invalidation of its targets.</summary>
    public RecordFlags Flags { get; init; }

    /// <summary>Targets of the record that concern the key, in the order of the record. At least one.</summary>
    public required IReadOnlyList<ExplainedTarget> Targets { get; init; }

    /// <summary>First of the targets that concern the key.</summary>
    public ExplainedTarget Target => Targets[0];

    /// <summary>
    /// Whether this is a reset of the node: everything held was dropped, because the history of the log broke or because the node missed more
    /// records than the log retains.
    /// </summary>
    public bool IsForgotten { get; init; }

    /// <summary>Returns the target, the reason, the origin and the time in readable form.</summary>
    public override string ToString() => ExplanationText.Format(this);
}
