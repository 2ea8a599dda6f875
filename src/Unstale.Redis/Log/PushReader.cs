using Unstale.Log;

namespace Unstale.Redis.Log;

/// <summary>
/// Reader of a push: strings separated by a byte that never occurs in UTF-8. <c>generation, first sequence, previous id, number of records</c>,
/// then each record as the number of its strings and the strings. No records: the stream must be read. A single <c>?</c>: the node must confirm at once.
/// </summary>
internal ref struct PushReader(ReadOnlySpan<byte> payload)
{
    private const byte Separator = 0xFF;

    private readonly int _length = payload.Length;
    private ReadOnlySpan<byte> _rest = payload;
    private bool _ended;

    public Generation Generation { get; private set; }

    public long Sequence { get; private set; }

    public long PreviousId { get; private set; }

    /// <summary>Number of records left to read.</summary>
    public long Count { get; private set; }

    public readonly bool IsCallToConfirm => _rest.SequenceEqual("?"u8);

    /// <summary>Reads the header. Returns false for a malformed push, and for one beyond <see cref="RecordLimits"/>: the records are then read from the stream.</summary>
    public bool TryHead()
    {
        if (_length > RecordLimits.PushBytes || !LogEncoding.TryGeneration(Next(), out var generation) || !LogEncoding.TryNumber(Next(), out var first)
            || !LogEncoding.TryId(Next(), out var previous) || !LogEncoding.TryNumber(Next(), out var count) || first < 1 || count > RecordLimits.Records)
        {
            return false;
        }

        (Generation, Sequence, PreviousId, Count) = (generation, first, previous, count);
        return true;
    }

    /// <summary>Reads the next record and its position. Returns false if the push ends too early.</summary>
    public bool TryRecord(InFlightRecords? sent, out LoggedRecord record, out bool isWhole)
    {
        record = default;
        isWhole = false;
        if (!LogEncoding.TryNumber(Next(), out var strings) || strings % 2 != 0)
            return false;

        if (sent is not null && TrySent(sent, strings) is { } own)
        {
            isWhole = true;
            record = Placed(own);
            return true;
        }

        var reader = new RecordReader();
        for (; strings > 0 && !_ended; strings -= 2)
        {
            var name = Next();
            if (_ended)
                return false;

            reader.Add(name, Next());
        }

        if (strings != 0)
            return false;

        isWhole = reader.IsWhole;
        record = Placed(reader.Record());
        return true;
    }

    private LoggedRecord Placed(InvalidationRecord record)
    {
        var placed = new LoggedRecord(Sequence, PreviousId, record);
        (Sequence, PreviousId, Count) = (Sequence + 1, record.Id, Count - 1);
        return placed;
    }

    /// <summary>Skips a record that begins with the id of a record sent by this node, and returns the sent record. Any other record remains to be read.</summary>
    private InvalidationRecord? TrySent(InFlightRecords sent, long strings)
    {
        var ahead = this;
        if (strings < 4 || !ahead.Next().SequenceEqual("f"u8) || !ahead.Next().SequenceEqual("1"u8) || !ahead.Next().SequenceEqual("id"u8)
            || !LogEncoding.TryId(ahead.Next(), out var id) || sent.Remove(id) is not { } own)
        {
            return null;
        }

        for (strings -= 4; strings > 0 && !ahead._ended; strings--)
            ahead.Next();

        if (strings > 0)
            return null;

        this = ahead;
        return own;
    }

    private ReadOnlySpan<byte> Next()
    {
        var end = _rest.IndexOf(Separator);
        var next = end < 0 ? _rest : _rest[..end];
        _ended = end < 0;
        _rest = end < 0 ? [] : _rest[(end + 1)..];
        return next;
    }
}
