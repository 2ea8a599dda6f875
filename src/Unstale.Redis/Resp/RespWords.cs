using System.Buffers.Text;

namespace Unstale.Redis.Resp;

/// <summary>The small forms inside replies.</summary>
internal static class RespWords
{
    private static readonly byte[][] Known = ["OK"u8.ToArray(), "PONG"u8.ToArray(), "QUEUED"u8.ToArray()];

    /// <summary>The words that a server says all day cost no memory.</summary>
    public static byte[] Intern(ReadOnlySpan<byte> body)
    {
        foreach (var word in Known)
        {
            if (body.SequenceEqual(word))
            {
                return word;
            }
        }

        return body.ToArray();
    }

    public static double Real(ReadOnlySpan<byte> body)
    {
        if (body.SequenceEqual("inf"u8) || body.SequenceEqual("+inf"u8))
        {
            return double.PositiveInfinity;
        }

        if (body.SequenceEqual("-inf"u8))
        {
            return double.NegativeInfinity;
        }

        // Servers before 7.2 let the C library say it, sign included.
        if (body.SequenceEqual("nan"u8) || body.SequenceEqual("-nan"u8))
        {
            return double.NaN;
        }

        return Utf8Parser.TryParse(body, out double value, out var used) && used == body.Length
            ? value
            : throw Errors.Malformed("a double is none");
    }

    public static byte[] BigNumber(ReadOnlySpan<byte> body)
    {
        var digits = body is [(byte)'-' or (byte)'+', ..] ? body[1..] : body;
        return digits.IsEmpty || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            ? throw Errors.Malformed("a big number is none")
            : body.ToArray();
    }

    /// <summary>The text behind the three letters of its format and a colon.</summary>
    public static byte[] Verbatim(ReadOnlySpan<byte> body) =>
        body.Length >= 4 && body[3] == (byte)':' ? body[4..].ToArray() : throw Errors.Malformed("a verbatim string has no format");
}
