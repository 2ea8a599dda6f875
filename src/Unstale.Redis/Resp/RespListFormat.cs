using System.Collections.Frozen;
using System.Globalization;

namespace Unstale.Redis.Resp;

/// <summary><c>host:port,password=...,ssl=true</c>: the form of other clients for .NET, with their names and units.</summary>
internal static class RespListFormat
{
    private const string Password = "password";
    private const string User = "user";
    private const string Ssl = "ssl";
    private const string SslHost = "sslHost";
    private const string Database = "defaultDatabase";
    private const string Name = "name";
    private const string ConnectTimeout = "connectTimeout";
    private const string AsyncTimeout = "asyncTimeout";
    private const string KeepAlive = "keepAlive";

    // Other clients' switch for giving up at the start. This client never gives up, so both values mean the same.
    private const string AbortConnect = "abortConnect";

    private static readonly FrozenDictionary<string, string> Names =
        ((string[])[Password, User, Ssl, SslHost, Database, Name, ConnectTimeout, AsyncTimeout, KeepAlive, AbortConnect])
        .ToFrozenDictionary(static name => name, StringComparer.OrdinalIgnoreCase);

    public static RespOptions Parse(string text)
    {
        var parts = text.Split(',');
        var settings = Settings(parts);
        var tls = Truth(settings, Ssl);
        _ = Truth(settings, AbortConnect);
        if (!tls && settings.ContainsKey(SslHost))
        {
            throw Errors.SslHostWithoutSsl();
        }

        return new RespOptions
        {
            EndPoint = RespHostFormat.Parse(parts[0].Trim(), tls ? RespEndPoint.DefaultTlsPort : RespEndPoint.DefaultPort),
            Credentials = Credentials(settings),
            Database = settings.TryGetValue(Database, out var database) ? RespHostFormat.Database(database) : 0,
            ClientName = settings.TryGetValue(Name, out var name) ? ClientName(name) : "unstale",
            Tls = tls ? new RespTls { HostName = settings.TryGetValue(SslHost, out var host) ? RespHostFormat.Host(host) : null } : null,
            ConnectTimeout = TimeSpan.FromMilliseconds(Number(settings, ConnectTimeout, "milliseconds", RespOptions.DefaultConnectTimeout.TotalMilliseconds)),
            CommandTimeout = TimeSpan.FromMilliseconds(Number(settings, AsyncTimeout, "milliseconds", RespOptions.DefaultCommandTimeout.TotalMilliseconds)),
            KeepAlive = TimeSpan.FromSeconds(Number(settings, KeepAlive, "seconds", RespOptions.DefaultKeepAlive.TotalSeconds)),
        };
    }

    /// <summary>The settings by the names that they have in <see cref="Names"/>.</summary>
    private static Dictionary<string, string> Settings(string[] parts)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 1; i < parts.Length; i++)
        {
            if (parts[i].Trim().Length == 0)
            {
                continue;
            }

            var equals = parts[i].IndexOf('=', StringComparison.Ordinal);
            if (equals < 0 || !Names.TryGetValue(parts[i][..equals].Trim(), out var name))
            {
                throw Errors.ListPart(i + 1);
            }

            var value = parts[i][(equals + 1)..];
            if (!settings.TryAdd(name, name == Password ? value : value.Trim()))
            {
                throw Errors.ListTwice(name);
            }
        }

        return settings;
    }

    private static RespCredentials? Credentials(Dictionary<string, string> settings)
    {
        var user = settings.TryGetValue(User, out var named) ? RespHostFormat.User(named) : null;
        if (!settings.TryGetValue(Password, out var password))
        {
            return user is null ? null : throw Errors.UserWithoutPassword();
        }

        return password.Length == 0 ? throw Errors.EmptyPassword()
            : password.Trim() != password ? throw Errors.ListSpaceAroundPassword()
            : new RespCredentials(user, password);
    }

    private static string ClientName(string name) => RespHostFormat.IsClientName(name) ? name : throw Errors.ClientName();

    private static bool Truth(Dictionary<string, string> settings, string name) =>
        settings.TryGetValue(name, out var value) && (bool.TryParse(value, out var truth) ? truth : throw Errors.ListTruth(name));

    private static double Number(Dictionary<string, string> settings, string name, string unit, double otherwise) =>
        !settings.TryGetValue(name, out var value) ? otherwise
        : int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 86_400_000 ? number
        : throw Errors.ListNumber(name, unit);
}
