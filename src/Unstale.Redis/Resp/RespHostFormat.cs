using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Unstale.Redis.Resp;

/// <summary>
/// The parts that both forms of a connection string share. Host, user and client name are shown in messages, so none of them may hold what
/// could be the rest of the string.
/// </summary>
internal static class RespHostFormat
{
    private static readonly SearchValues<char> OfHosts = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._");

    // A name that holds one of these is a name and the setting behind it.
    private static readonly SearchValues<char> Separators = SearchValues.Create("=;&|,?\"'");

    /// <summary><c>host</c>, <c>host:port</c>, <c>[::1]:port</c>.</summary>
    public static RespEndPoint Parse(string text, int defaultPort)
    {
        var bracket = text.LastIndexOf(']');
        var colon = text.LastIndexOf(':');
        var hasPort = colon > bracket;
        var host = (hasPort ? text[..colon] : text).Trim();
        return new RespEndPoint(Host(host), hasPort ? Port(text[(colon + 1)..]) : defaultPort);
    }

    /// <summary>A name or an IPv4 address as it is, an IPv6 address without its brackets.</summary>
    public static string Host(string text)
    {
        if (text is ['[', .. var address, ']'])
        {
            return IPAddress.TryParse(address, out var read) && read.AddressFamily == AddressFamily.InterNetworkV6 ? address : throw Errors.Host();
        }

        return text.Length == 0 ? throw Errors.NoHost()
            : text.Contains(':', StringComparison.Ordinal) ? throw Errors.HostNotBracketed()
            : text.AsSpan().ContainsAnyExcept(OfHosts) || Uri.CheckHostName(text) == UriHostNameType.Unknown ? throw Errors.Host()
            : text;
    }

    public static string User(string text) =>
        text.Length > 0 && !text.AsSpan().ContainsAny(Separators) && !text.Any(static letter => char.IsWhiteSpace(letter) || char.IsControl(letter))
            ? text
            : throw Errors.UserText();

    public static bool IsClientName(string text) =>
        text.Length > 0 && !text.AsSpan().ContainsAnyExceptInRange('!', '~') && !text.AsSpan().ContainsAny(Separators) && !text.Contains('@', StringComparison.Ordinal);

    public static int Database(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Errors.Database();

    private static int Port(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535
            ? port
            : throw Errors.Port();
}
