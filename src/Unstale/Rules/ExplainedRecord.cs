using System.Diagnostics;
using Unstale.Log;

namespace Unstale.Rules;

/// <summary>A record of the log, or a moment at which everything was forgotten, as far as it concerns a key.</summary>
public sealed record ExplainedRecord
{
    /// <summary>Its place in the log; null while the log has not taken it. Of a moment at which everything was forgotten, where the node stood.</summary>
    public required LogPosition? Position { get; init; }

    /// <summary>The record's id; 0 for a moment at which everything was forgotten.</summary>
    public required long Id { get; init; }

    /// <summary>The node that raised it; null if this node forgot everything by itself.</summary>
    public string? Node { get; init; }

    /// <summary>The service that raised it; null if this node forgot everything by itself.</summary>
    public string? Service { get; init; }

    /// <summary>When, by the clock of the node that raised it: for people.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Why, in the words of who raised it.</summary>
    public string? Reason { get; init; }

    /// <summary>The trace in which it was raised, as W3C trace context.</summary>
    public string? Trace { get; init; }

    /// <summary>The id of that trace, 32 hexadecimal digits.</summary>
    public string? TraceId => ActivityContext.TryParse(Trace, traceState: null, out var context) ? context.TraceId.ToHexString() : null;

    /// <summary>What it asks beyond marking what it names.</summary>
    public RecordFlags Flags { get; init; }

    /// <summary>All that it names and that concerns the key, in its order; at least one.</summary>
    public required IReadOnlyList<ExplainedTarget> Targets { get; init; }

    /// <summary>The first of them.</summary>
    public ExplainedTarget Target => Targets[0];

    /// <summary>This node forgot everything by itself: the history of the log broke, or the node had missed more than the log keeps.</summary>
    public bool IsForgotten { get; init; }

    /// <summary>For people: what it names, why, who and when.</summary>
    public override string ToString() => ExplanationText.Of(this);
}
