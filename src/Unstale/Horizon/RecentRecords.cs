using Unstale.Log;

namespace Unstale.Horizon;

/// <summary>
/// Newest records seen by this node, used to explain removals. Each is written once and read only on request. All members require the horizon's lock.
/// </summary>
internal sealed class RecentRecords(int capacity)
{
    private const int FlushesKept = 16;

    private readonly List<NotedFlush> _flushes = [];

    /// <summary>Allocated with the first record: a log that is only read costs nothing.</summary>
    private (Generation Generation, int Epoch, long Sequence, IRecordSource Record)[]? _ring;
    private long _count;
    private int _next;

    public void Note(Generation generation, int epoch, long sequence, IRecordSource record)
    {
        if (capacity == 0)
            return;
        var ring = _ring ??= new (Generation, int, long, IRecordSource)[capacity];
        ring[_next] = (generation, epoch, sequence, record);
        _next = _next + 1 == ring.Length ? 0 : _next + 1;
        _count++;
    }

    public void Forgot(NotedFlush flush)
    {
        if (capacity == 0)
            return;
        if (_flushes.Count == FlushesKept)
            _flushes.RemoveAt(0);
        _flushes.Add(flush);
    }

    /// <summary>Sets the time of resets without one, because this class has no clock.</summary>
    public void Date(DateTimeOffset now)
    {
        foreach (var flush in _flushes)
            flush.Time ??= now;
    }

    public RecordHistory History(LogPosition position, int epoch, IEnumerable<InvalidationRecord> pending)
    {
        var kept = (int)Math.Min(_count, capacity);
        var records = new NotedRecord[kept];
        for (var i = 0; i < kept; i++)
        {
            var (generation, noted, sequence, record) = _ring![(_next - kept + i + capacity) % capacity];
            records[i] = new NotedRecord(generation, noted, sequence, record.ToRecord());
        }

        return new RecordHistory(position, epoch, records, [.. _flushes], [.. pending]);
    }
}
