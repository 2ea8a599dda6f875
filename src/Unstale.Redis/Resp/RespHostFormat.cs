using System.Globalization;

namespace Unstale.Redis.Resp;

/// <summary>The parts that both forms of a connection string share.</summary>
internal static class RespHostFormat
{
    /// <summary><c>host</c>, <c>host:port</c>, <c>[::1]:port</c>.</summary>
    public static RespEndPoint Parse(string text, int defaultPort)
    {
        var bracket = text.LastIndexOf(']');
        var colon = text.LastIndexOf(':');
        var hasPort = colon > bracket;
        var host = (hasPort ? text[..colon] : text).Trim();
        if (host is ['[', .. var address, ']'])
        {
            host = address;
        }
        else if (host.Contains(':', StringComparison.Ordinal))
        {
            throw Errors.HostNotBracketed();
        }

        if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
        {
            throw Errors.Host(host);
        }

        return new RespEndPoint(host, hasPort ? Port(text[(colon + 1)..]) : defaultPort);
    }

    public static int Database(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Errors.Database(text);

    private static int Port(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535
            ? port
            : throw Errors.Port(text);
}
