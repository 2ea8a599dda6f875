using Unstale.Log;

namespace Unstale.Redis.Log;

/// <summary>
/// A push: strings joined by a byte that UTF-8 never has. <c>generation, first sequence, id before it, number of records</c>, then each
/// record as the number of its strings and the strings. No records: read the stream. A <c>?</c> alone: confirm at once.
/// </summary>
internal ref struct PushReader(ReadOnlySpan<byte> payload)
{
    private const byte Separator = 0xFF;

    private ReadOnlySpan<byte> _rest = payload;
    private bool _ended;

    public Generation Generation { get; private set; }

    public long Sequence { get; private set; }

    public long PreviousId { get; private set; }

    /// <summary>The records that are left to read.</summary>
    public long Count { get; private set; }

    public readonly bool IsCallToConfirm => _rest.SequenceEqual("?"u8);

    public bool TryHead()
    {
        if (!LogWords.TryGeneration(Next(), out var generation) || !LogWords.TryNumber(Next(), out var first)
            || !LogWords.TryId(Next(), out var previous) || !LogWords.TryNumber(Next(), out var count) || first < 1 || count < 0)
        {
            return false;
        }

        (Generation, Sequence, PreviousId, Count) = (generation, first, previous, count);
        return true;
    }

    /// <summary>The next record at its place; false if the push ends too early.</summary>
    public bool TryRecord(out LoggedRecord record, out bool isWhole)
    {
        record = default;
        isWhole = false;
        if (!LogWords.TryNumber(Next(), out var strings) || strings % 2 != 0)
        {
            return false;
        }

        var reader = new RecordReader();
        for (; strings > 0 && !_ended; strings -= 2)
        {
            var name = Next();
            if (_ended)
            {
                return false;
            }

            reader.Add(name, Next());
        }

        if (strings != 0)
        {
            return false;
        }

        record = new LoggedRecord(Sequence, PreviousId, reader.Record());
        isWhole = reader.IsWhole;
        (Sequence, PreviousId, Count) = (Sequence + 1, record.Record.Id, Count - 1);
        return true;
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
