using System.Runtime.InteropServices;
using System.Text;

namespace Unstale.Log;

/// <summary>
/// One record of the log: the targets invalidated by one event, with origin, time and reason. The sequence is not part of the record, because an
/// unacknowledged record may be appended again under another sequence.
/// </summary>
public sealed class InvalidationRecord : IRecordSource
{
    private const int MetaBytes = 160;
    private const int TargetBytes = 8;
    private const int VersionBytes = 20;

    private readonly InvalidationTarget _single;
    private readonly InvalidationTarget[]? _several;
    private int _size;

    /// <summary>Creates a record of one target.</summary>
    internal InvalidationRecord(long id, InvalidationTarget target, RecordOrigin origin, DateTimeOffset time, string? reason = null, string? trace = null)
        : this(id, origin, time, reason, trace) => _single = target;

    /// <summary>Creates a record of several targets. Without targets the record invalidates everything.</summary>
    internal InvalidationRecord(long id, ReadOnlySpan<InvalidationTarget> targets, RecordOrigin origin, DateTimeOffset time, string? reason = null, string? trace = null)
        : this(id, origin, time, reason, trace)
    {
        if (targets.Length > 1)
            _several = targets.ToArray();
        else
            _single = targets.IsEmpty ? InvalidationTarget.Everything : targets[0];
    }

    /// <summary>Creates the record of an invalidation that fits into one.</summary>
    internal InvalidationRecord(long id, Invalidation invalidation, RecordOrigin origin, DateTimeOffset time, string? trace)
        : this(id, origin, time, invalidation.Reason, trace)
    {
        if (invalidation.Count > 1)
            _several = invalidation.Targets();
        else
            _single = invalidation.Items.Span[0].Target;
        Flags = invalidation.Flags;
        Via = invalidation.Via;
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
    internal string? Via { get; init; }

    /// <summary>Source version reported by the record. A record with a version names one key and nothing else.</summary>
    internal KeyVersion? Version { get; init; }

    /// <summary>Approximate size of the record in a call, a push and the log, in bytes. Computed by the first call.</summary>
    internal int Size => _size == 0 ? _size = ComputeSize() : _size;

    InvalidationRecord IRecordSource.ToRecord() => this;

    /// <summary>Returns the record with some of its targets; null if none remains.</summary>
    /// <param name="isKept">Whether the target at an index remains.</param>
    internal InvalidationRecord? Where(Func<int, bool> isKept)
    {
        var count = 0;
        for (var i = 0; i < Targets.Length; i++)
            count += isKept(i) ? 1 : 0;
        if (count == Targets.Length)
            return this;
        if (count == 0)
            return null;
        var kept = new List<InvalidationTarget>(count);
        for (var i = 0; i < Targets.Length; i++)
        {
            if (isKept(i))
                kept.Add(Targets[i]);
        }

        return new InvalidationRecord(Id, kept.ToArray(), Origin, Time, Reason, Trace) { Flags = Flags };
    }

    /// <summary>Returns the part of the record that a partition reports, so that a target in every partition is reported once; null for none.</summary>
    internal InvalidationRecord? ReportedBy(int partition) => Where(i => KeyPartition.Reports(partition, Targets[i].Kind));

    private int ComputeSize()
    {
        var size = MetaBytes + Bytes(Reason) + (Trace?.Length ?? 0) + Bytes(Via);
        if (Version is { } version)
            size += VersionBytes + Bytes(version.Cache);
        foreach (ref readonly var target in Targets)
            size += TargetBytes + target.TextBytes;
        return size;
    }

    private static int Bytes(string? text) => text is null ? 0 : Encoding.UTF8.GetByteCount(text);
}
