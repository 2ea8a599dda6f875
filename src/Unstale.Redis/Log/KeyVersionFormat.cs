using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Unstale.Log;
using Unstale.Redis.Scripts;

namespace Unstale.Redis.Log;

/// <summary>Text of a record's version: 19 digits, so that scripts compare versions as text, a space, and the percent-encoded name of the cache.</summary>
internal static class KeyVersionFormat
{
    private const int Digits = 19;

    public static string Format(KeyVersion version) =>
        string.Create(CultureInfo.InvariantCulture, $"{version.Version:D19} {RedisKeys.Escape(version.Cache)}");

    /// <summary>Reads a version; returns null if the text is malformed.</summary>
    public static KeyVersion? Parse(ReadOnlySpan<byte> text) =>
        text.Length > Digits && text[Digits] == (byte)' ' && !text[..Digits].ContainsAnyExceptInRange((byte)'0', (byte)'9')
        && Utf8Parser.TryParse(text[..Digits], out long version, out _) && version > 0
            ? new KeyVersion(Uri.UnescapeDataString(Encoding.UTF8.GetString(text[(Digits + 1)..])), version)
            : null;
}
