using Unstale.Log;

namespace Unstale.Horizon;

/// <summary>
/// Newest records seen by this node, used to explain removals. Each is written once, into a chunk, and read only on request. A snapshot refers to the
/// chunks: they are never overwritten while a snapshot may read them. All members require the horizon's lock; a snapshot does not.
/// </summary>
internal sealed class RecentRecords(int capacity)
{
    private const int FlushesKept = 16;
    private const int ChunkLength = 64;

    private readonly List<NotedFlush> _flushes = [];
    private NotedEpoch _epoch = new(Generation.None, 0);

    /// <summary>Chunks from the first record to the last. Allocated with the first record: a log that is only read costs nothing.</summary>
    private NotedChunk? _oldest;
    private NotedChunk? _newest;

    /// <summary>Chunk without records that no snapshot reads, for reuse.</summary>
    private NotedChunk? _spare;
    private int _start;
    private int _end;
    private int _count;

    /// <summary>Number of the newest chunk that a snapshot may read.</summary>
    private long _sharedThrough;

    public void Note(Generation generation, int epoch, long sequence, IRecordSource record)
    {
        if (capacity == 0)
            return;
        if (_epoch.Epoch != epoch || _epoch.Generation != generation)
            _epoch = new NotedEpoch(generation, epoch);
        if (_newest is null || _end == _newest.Records.Length)
            Extend();
        _newest!.Records[_end++] = new NotedRecord(_epoch, sequence, record);
        if (_count == capacity)
            DropOldest();
        else
            _count++;
    }

    public void NoteReset(NotedFlush flush)
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

    /// <summary>Returns the history as of now. Copies no record: the work under the lock does not grow with the number of records.</summary>
    public RecordHistory History(LogPosition position, int epoch, (long Time, InvalidationRecord Record)[] pending)
    {
        _sharedThrough = _newest?.Number ?? 0;
        return new RecordHistory(position, epoch, new NotedRecords(_oldest, _start, _count), [.. _flushes], pending);
    }

    private void Extend()
    {
        var chunk = _spare ?? new NotedChunk(Math.Min(ChunkLength, capacity));
        _spare = null;
        chunk.Number = (_newest?.Number ?? 0) + 1;
        if (_newest is null)
            _oldest = chunk;
        else
            _newest.Next = chunk;
        _newest = chunk;
        _end = 0;
    }

    private void DropOldest()
    {
        var chunk = _oldest!;
        if (++_start < chunk.Records.Length)
            return;
        _oldest = chunk.Next;
        _start = 0;
        if (chunk.Number <= _sharedThrough)
            return;
        Array.Clear(chunk.Records);
        chunk.Next = null;
        _spare = chunk;
    }
}
