namespace Unstale.Redis.Resp;

/// <summary><c>redis://user:password@host:port/db</c>; <c>rediss</c> for TLS. User and password are percent-encoded.</summary>
internal static class RespUriFormat
{
    public static RespOptions Parse(string text)
    {
        var scheme = text[..text.IndexOf("://", StringComparison.Ordinal)];
        var tls = scheme switch
        {
            "redis" => false,
            "rediss" => true,
            _ => throw Errors.UriScheme(),
        };

        var rest = text[(scheme.Length + 3)..];
        var end = rest.AsSpan().IndexOfAny('/', '?', '#');
        var authority = end < 0 ? rest : rest[..end];
        var path = end < 0 ? "" : rest[end..];

        // What stands behind an unescaped '/' may be half a password, so nothing of it is shown.
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

    private static RespCredentials? ParseUser(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            throw Errors.UriWithoutPassword();
        }

        var user = Uri.UnescapeDataString(text[..colon]);
        return new RespCredentials(user.Length == 0 ? null : user, Uri.UnescapeDataString(text[(colon + 1)..]));
    }

    private static int ParseDatabase(string path) => path switch
    {
        "" or "/" => 0,
        ['/', .. var number] => RespHostFormat.Database(number),
        _ => throw Errors.UriQuery(),
    };
}
