namespace Unstale.Redis.Resp;

/// <summary>Cuts lines off the input. Only a line that comes in pieces is copied.</summary>
internal sealed class RespLines(int limit)
{
    private byte[] _held = [];
    private int _length;
    private bool _delivered;

    /// <summary>The line without its end. It is good until the next call.</summary>
    public bool TryRead(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> line)
    {
        if (_delivered)
        {
            _delivered = false;
            _length = 0;
        }

        var end = rest.IndexOf((byte)'\n');
        var piece = end < 0 ? rest : rest[..(end + 1)];
        if (_length + piece.Length > limit + 2)
        {
            throw Errors.LineTooLong(limit);
        }

        rest = rest[piece.Length..];
        if (end >= 0 && _length == 0)
        {
            line = WithoutEnd(piece);
            return true;
        }

        Hold(piece);
        line = end < 0 ? default : WithoutEnd(_held.AsSpan(0, _length));
        return _delivered = end >= 0;
    }

    private static ReadOnlySpan<byte> WithoutEnd(ReadOnlySpan<byte> piece) =>
        piece.IndexOf((byte)'\r') == piece.Length - 2 && piece.Length >= 2
            ? piece[..^2]
            : throw Errors.Malformed("a line does not end in CR LF");

    private void Hold(ReadOnlySpan<byte> piece)
    {
        if (_held.Length < _length + piece.Length)
        {
            Array.Resize(ref _held, Math.Max(64, 2 * (_length + piece.Length)));
        }

        piece.CopyTo(_held.AsSpan(_length));
        _length += piece.Length;
    }
}
