namespace Unstale.Redis.Log;

/// <summary>
/// Reader of the selectors listed in the control hash: <c>sequence:kind:length in bytes:text</c>, back to back. Text beyond
/// <see cref="RecordLimits"/> is treated as malformed.
/// </summary>
internal ref struct SelectorListReader(ReadOnlySpan<byte> list)
{
    private ReadOnlySpan<byte> _rest = list;
    private int _read;

    public long Sequence { get; private set; }

    /// <summary>Kind as in a record: glob, regex or allof.</summary>
    public ReadOnlySpan<byte> Kind { get; private set; }

    public ReadOnlySpan<byte> Text { get; private set; }

    /// <summary>Whether unread text remains. After a failed <see cref="TryNext"/> the remaining text is malformed.</summary>
    public readonly bool HasMore => !_rest.IsEmpty;

    public bool TryNext()
    {
        if (_read == RecordLimits.Listed || !TryPart(out var sequence) || !TryPart(out var kind) || !TryPart(out var length)
            || !LogEncoding.TryNumber(sequence, out var at) || !LogEncoding.TryNumber(length, out var bytes) || bytes > Math.Min(_rest.Length, RecordLimits.SelectorBytes))
        {
            return false;
        }

        _read++;
        Sequence = at;
        Kind = kind;
        Text = _rest[..(int)bytes];
        _rest = _rest[(int)bytes..];
        return true;
    }

    private bool TryPart(out ReadOnlySpan<byte> part)
    {
        var end = _rest.IndexOf((byte)':');
        part = end < 0 ? default : _rest[..end];
        _rest = end < 0 ? _rest : _rest[(end + 1)..];
        return end >= 0;
    }
}
