using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using StackExchange.Redis;

namespace Unstale.Redis.Connection;

/// <summary>
/// Parses a connection string of StackExchange.Redis, or a <c>redis://</c> or <c>rediss://</c> URI. Text that the client would accept as a host or
/// silently ignore is rejected first if the text may be part of a password. Hosts, user and client name appear in messages, so none may contain the rest
/// of the string.
/// </summary>
internal static class ConnectionString
{
    private const string Mark = "://";
    private const string Password = "password";
    private const string SentinelPassword = "sentinelPassword";

    private static readonly SearchValues<char> OfHosts = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._");
    private static readonly SearchValues<char> OfFurtherHosts = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-._:[]");

    // A name with one of these characters is really a name and the setting behind it.
    private static readonly SearchValues<char> Separators = SearchValues.Create("=;&|,?\"'");

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="FormatException">A part of the string is malformed. The message names the setting or the position, and repeats no text.</exception>
    public static ConfigurationOptions Parse(string text)
    {
        // A string read from a file may end with a line break. Any other control character, or half a surrogate pair, cannot be sent unchanged.
        var line = text.TrimEnd('\r', '\n');
        return !IsText(line) ? throw Errors.ConnectionStringText()
            : IsUri(line) ? ParseUri(line)
            : ParseList(line);
    }

    /// <summary>Returns the credentials in the options.</summary>
    public static IReadOnlyList<string> Secrets(ConfigurationOptions options) =>
        [.. new[] { options.Password, options.SentinelPassword }.Where(static secret => !string.IsNullOrEmpty(secret)).Select(static secret => secret!).Distinct(StringComparer.Ordinal)];

    public static bool IsClientName(string text) =>
        text.Length > 0 && !text.AsSpan().ContainsAnyExceptInRange('!', '~') && !text.AsSpan().ContainsAny(Separators) && !text.Contains('@', StringComparison.Ordinal);

    private static bool IsText(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out var letter, out var length) != OperationStatus.Done || Rune.IsControl(letter))
                return false;

            text = text[length..];
        }

        return true;
    }

    /// <summary>Whether the text begins with a scheme. A password in a list may contain <c>://</c> too.</summary>
    private static bool IsUri(string text)
    {
        var end = text.IndexOf(Mark, StringComparison.Ordinal);
        return end >= 0 && !text.AsSpan(0, end).ContainsAny(',', '=');
    }

    private static ConfigurationOptions ParseList(string text)
    {
        var parts = text.Split(',');
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        CheckHost(parts[0].Trim());
        for (var i = 1; i < parts.Length; i++)
        {
            if (parts[i].Trim().Length > 0)
                CheckPart(parts[i], i + 1, names);
        }

        ConfigurationOptions options;
        try
        {
            options = ConfigurationOptions.Parse(text, ignoreUnknown: false);
        }
        catch (Exception refused) when (refused is ArgumentException or FormatException or OverflowException)
        {
            throw Errors.ListPart(Refused(parts));
        }

        return Checked(options, names);
    }

    /// <summary>
    /// Returns the number of the rejected part, found by parsing each part alone. The client's own message may repeat a password.
    /// </summary>
    private static int Refused(string[] parts)
    {
        for (var i = 1; i < parts.Length; i++)
        {
            try
            {
                ConfigurationOptions.Parse("host," + parts[i], ignoreUnknown: false);
            }
            catch (Exception refused) when (refused is ArgumentException or FormatException or OverflowException)
            {
                return i + 1;
            }
        }

        return 1;
    }

    private static void CheckPart(string part, int number, HashSet<string> names)
    {
        var equals = part.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0)
        {
            // After a setting, or with capital letters, the part is more likely the rest of a password than another host.
            var host = part.Trim();
            if (names.Count > 0 || host.AsSpan().ContainsAnyExcept(OfFurtherHosts))
                throw Errors.ListPart(number);

            CheckHost(host);
            return;
        }

        var name = part[..equals].Trim();
        if (name.Length == 0 || !name.All(char.IsAsciiLetter) || !names.Add(name))
            throw name.Length > 0 && name.All(char.IsAsciiLetter) ? Errors.ListTwice(number) : Errors.ListPart(number);

        var value = part[(equals + 1)..];
        if (name.Equals(Password, StringComparison.OrdinalIgnoreCase) || name.Equals(SentinelPassword, StringComparison.OrdinalIgnoreCase))
        {
            if (value.Length == 0)
                throw Errors.EmptyPassword();

            if (value.Trim() != value)
                throw Errors.ListSpaceAroundPassword();
        }
    }

    private static ConfigurationOptions Checked(ConfigurationOptions options, HashSet<string> names)
    {
        CheckHosts(options);
        if (options.User is { } user)
        {
            CheckUser(user);
            if (string.IsNullOrEmpty(options.Password))
                throw Errors.UserWithoutPassword();
        }

        if (options.ClientName is { } client && !IsClientName(client))
            throw Errors.ClientName();

        if (names.Contains("sslHost"))
        {
            CheckName(options.SslHost ?? "");
            if (!options.Ssl)
                throw Errors.SslHostWithoutSsl();
        }

        // These appear in messages of the client or of the server.
        foreach (var shown in new[] { options.ServiceName, options.SentinelUser, options.ChannelPrefix.ToString() })
        {
            if (shown is { Length: > 0 } && shown.AsSpan().ContainsAny(Separators))
                throw Errors.UserText();
        }

        return options;
    }

    private static void CheckHosts(ConfigurationOptions options)
    {
        if (options.EndPoints.Count == 0)
            throw Errors.NoHost();
    }

    private static ConfigurationOptions ParseUri(string text)
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
            throw Errors.UriUnescaped();

        var at = authority.LastIndexOf('@');
        var (host, port) = CheckHost(authority[(at + 1)..]);
        var options = new ConfigurationOptions
        {
            EndPoints = { { host, port ?? (tls ? DefaultTlsPort : DefaultPort) } },
            DefaultDatabase = Database(path),
            Ssl = tls,
        };
        if (at >= 0)
            (options.User, options.Password) = User(authority[..at]);

        return options;
    }

    private const int DefaultPort = 6379;
    private const int DefaultTlsPort = 6380;

    private static (string? User, string Password) User(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            throw Errors.UriWithoutPassword();

        var password = Unescape(text[(colon + 1)..]);
        if (password.Length == 0)
            throw Errors.EmptyPassword();

        var user = colon == 0 ? null : Unescape(text[..colon]);
        if (user is not null)
            CheckUser(user);

        return (user, password);
    }

    /// <summary>
    /// Rejects escapes that <see cref="Uri.UnescapeDataString(string)"/> would leave unchanged, because the server would receive another password.
    /// </summary>
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

    private static int Database(string path) => path switch
    {
        "" or "/" => 0,
        ['/', .. var number] => int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var database) ? database : throw Errors.Database(),
        _ => throw Errors.UriQuery(),
    };

    /// <summary>Parses <c>host</c>, <c>host:port</c> or <c>[::1]:port</c>. The port is null if none is given.</summary>
    private static (string Host, int? Port) CheckHost(string text)
    {
        var bracket = text.LastIndexOf(']');
        var colon = text.LastIndexOf(':');
        var hasPort = colon > bracket;
        var host = CheckName((hasPort ? text[..colon] : text).Trim());
        return (host, hasPort ? Port(text[(colon + 1)..]) : null);
    }

    /// <summary>Returns a name or an IPv4 address unchanged, and an IPv6 address without brackets.</summary>
    private static string CheckName(string text)
    {
        if (text is ['[', .. var address, ']'])
            return IPAddress.TryParse(address, out var read) && read.AddressFamily == AddressFamily.InterNetworkV6 ? address : throw Errors.Host();

        return text.Length == 0 ? throw Errors.NoHost()
            : text.Contains(':', StringComparison.Ordinal) ? throw Errors.HostNotBracketed()
            : text.AsSpan().ContainsAnyExcept(OfHosts) || Uri.CheckHostName(text) == UriHostNameType.Unknown ? throw Errors.Host()
            : text;
    }

    private static void CheckUser(string text)
    {
        if (text.Length == 0 || text.AsSpan().ContainsAny(Separators) || text.Any(static letter => char.IsWhiteSpace(letter) || char.IsControl(letter)))
            throw Errors.UserText();
    }

    private static int Port(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535
            ? port
            : throw Errors.Port();
}
