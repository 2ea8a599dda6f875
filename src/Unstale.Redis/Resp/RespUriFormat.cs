using System.Globalization;
using System.Text;

namespace Unstale.Redis.Resp;

/// <summary><c>redis://user:password@host:port/db</c>; <c>rediss</c> for TLS. User and password are percent-encoded.</summary>
internal static class RespUriFormat
{
    private const string Mark = "://";

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Whether the text begins with a scheme; a password of a list may hold <c>://</c> too.</summary>
    public static bool IsUri(string text)
    {
        var end = text.IndexOf(Mark, StringComparison.Ordinal);
        return end >= 0 && !text.AsSpan(0, end).ContainsAny(',', '=');
    }

    public static RespOptions Parse(string text)
    {
        var scheme = text[..text.IndexOf(Mark, StringComparison.Ordinal)];
        var tls = scheme switch
        {
            "redis" => false,
            "rediss" => true,
            _ => throw Errors.UriScheme(),
        };

        var rest = text[(scheme.Length + Mark.Length)..];
        var end = rest.AsSpan().IndexOfAny('/', '?', '#');
        var authority = end < 0 ? rest : rest[..end];
        var path = end < 0 ? "" : rest[end..];
        if (path.Contains('@', StringComparison.Ordinal))
        {
            throw Errors.UriUnescaped();
        }

        var at = authority.LastIndexOf('@');
        return new RespOptions
        {
            EndPoint = RespHostFormat.Parse(authority[(at + 1)..], RespEndPoint.DefaultPort),
            Credentials = at < 0 ? null : ParseUser(authority[..at]),
            Database = ParseDatabase(path),
            Tls = tls ? new RespTls() : null,
        };
    }

    private static RespCredentials ParseUser(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            throw Errors.UriWithoutPassword();
        }

        var password = Unescape(text[(colon + 1)..]);
        return password.Length == 0 ? throw Errors.EmptyPassword()
            : new RespCredentials(colon == 0 ? null : RespHostFormat.User(Unescape(text[..colon])), password);
    }

    /// <summary>Refuses what <see cref="Uri.UnescapeDataString(string)"/> leaves as it is: the server would be sent another password.</summary>
    private static string Unescape(string text)
    {
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                var isPair = char.IsHighSurrogate(text[i]);
                bytes.AddRange(Utf8.GetBytes(text, i, isPair ? 2 : 1));
                i += isPair ? 1 : 0;
            }
            else if (i + 2 < text.Length && byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            {
                bytes.Add(code);
                i += 2;
            }
            else
            {
                throw Errors.UriPercent();
            }
        }

        try
        {
            return Utf8.GetString([.. bytes]);
        }
        catch (DecoderFallbackException)
        {
            throw Errors.UriPercent();
        }
    }

    private static int ParseDatabase(string path) => path switch
    {
        "" or "/" => 0,
        ['/', .. var number] => RespHostFormat.Database(number),
        _ => throw Errors.UriQuery(),
    };
}
