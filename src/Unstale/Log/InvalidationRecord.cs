using System.Runtime.InteropServices;

namespace Unstale.Log;

/// <summary>
/// One record of the log: the targets invalidated by one event, with origin, time and reason. The sequence is not part of the record, because an
/// unacknowledged record may be appended again under another sequence.
/// </summary>
public sealed class InvalidationRecord
{
    private readonly InvalidationTarget _single;
    private readonly InvalidationTarget[]? _several;

    /// <summary>Creates a record of one target.</summary>
    public InvalidationRecord(long id, InvalidationTarget target, RecordOrigin origin, DateTimeOffset time, string? reason = null, string? trace = null)
        : this(id, origin, time, reason, trace) => _single = target;

    /// <summary>Creates a record of several targets. Without targets the record invalidates everything.</summary>
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

    /// <summary>Random id of 64 bits. Two records with the same sequence and different ids belong to two histories.</summary>
    public long Id { get; }

    /// <summary>Invalidated targets, in the order they were named.</summary>
    public ReadOnlySpan<InvalidationTarget> Targets =>
        _several is null ? MemoryMarshal.CreateReadOnlySpan(in _single, 1) : _several;

    /// <summary>Origin of the record.</summary>
    public RecordOrigin Origin { get; }

    /// <summary>Time of the call, by the clock of the node that raised the record. For information only, never compared.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>Reason given by the caller; at most 512 bytes of UTF-8.</summary>
    public string? Reason { get; }

    /// <summary>Trace in which the record was raised (W3C trace context).</summary>
    public string? Trace { get; }

    /// <summary>Effects of the record beyond marking its targets.</summary>
    public RecordFlags Flags { get; init; }

    /// <summary>
    /// Rules that named the targets, and the chains over which they did, where recorded: a line <c>count|rule|chain</c> for each run of targets, in
    /// order; at most 2,048 bytes of UTF-8. For information only.
    /// </summary>
    public string? Via { get; init; }

    /// <summary>Source version reported by the record. A record with a version names one key and nothing else.</summary>
    public KeyVersion? Version { get; init; }

    /// <summary>Returns the record with the selected targets; null if none is left.</summary>
    internal InvalidationRecord? Where(Func<InvalidationTarget, bool> isKept)
    {
        InvalidationTarget[] kept = Array.FindAll(Targets.ToArray(), target => isKept(target));
        if (kept.Length == Targets.Length)
            return this;
        return kept.Length == 0 ? null : new InvalidationRecord(Id, kept, Origin, Time, Reason, Trace) { Flags = Flags };
    }
}
