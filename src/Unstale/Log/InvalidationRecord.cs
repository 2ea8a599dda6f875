using System.Runtime.InteropServices;

namespace Unstale.Log;

/// <summary>
/// One record of the log: what one event made untrue, who said so, when and why. Its sequence is not part of it: an
/// unacknowledged record may be appended again, under another sequence.
/// </summary>
public sealed class InvalidationRecord
{
    private readonly InvalidationTarget _single;
    private readonly InvalidationTarget[]? _several;

    /// <summary>Makes a record of one target.</summary>
    public InvalidationRecord(long id, InvalidationTarget target, RecordOrigin origin, DateTimeOffset time, string? reason = null, string? trace = null)
        : this(id, origin, time, reason, trace) => _single = target;

    /// <summary>Makes a record of several targets; none counts as everything.</summary>
    public InvalidationRecord(long id, ReadOnlySpan<InvalidationTarget> targets, RecordOrigin origin, DateTimeOffset time, string? reason = null, string? trace = null)
        : this(id, origin, time, reason, trace)
    {
        if (targets.Length > 1)
            _several = targets.ToArray();
        else
            _single = targets.IsEmpty ? InvalidationTarget.Everything : targets[0];
    }

    private InvalidationRecord(long id, RecordOrigin origin, DateTimeOffset time, string? reason, string? trace)
    {
        Id = id;
        Origin = origin;
        Time = time;
        Reason = reason;
        Trace = trace;
    }

    /// <summary>Random, 64 bits: two records under one sequence with different ids are two histories.</summary>
    public long Id { get; }

    /// <summary>What became untrue, in the order it was named.</summary>
    public ReadOnlySpan<InvalidationTarget> Targets =>
        _several is null ? MemoryMarshal.CreateReadOnlySpan(in _single, 1) : _several;

    /// <summary>Who raised it.</summary>
    public RecordOrigin Origin { get; }

    /// <summary>When it was raised by its raiser's clock: for people, never compared.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>Why, in the raiser's words; at most 512 bytes of UTF-8.</summary>
    public string? Reason { get; }

    /// <summary>The trace in which it was raised (W3C trace context).</summary>
    public string? Trace { get; }

    /// <summary>What it asks beyond marking what it names.</summary>
    public RecordFlags Flags { get; init; }

    /// <summary>
    /// Which rule named its targets, and over which chain, where that is known: a line <c>count|rule|chain</c> for each run of targets, in
    /// their order; at most 2,048 bytes of UTF-8. For people.
    /// </summary>
    public string? Via { get; init; }

    /// <summary>The version of the source that it tells of; then it names one key and nothing else.</summary>
    public KeyVersion? Version { get; init; }

    /// <summary>The record with some of its targets; null if none is left.</summary>
    internal InvalidationRecord? Where(Func<InvalidationTarget, bool> isKept)
    {
        InvalidationTarget[] kept = Array.FindAll(Targets.ToArray(), target => isKept(target));
        if (kept.Length == Targets.Length)
            return this;
        return kept.Length == 0 ? null : new InvalidationRecord(Id, kept, Origin, Time, Reason, Trace) { Flags = Flags };
    }
}
