using System.Globalization;

namespace Unstale.Redis.Resp;

/// <summary><c>host:port,password=...,ssl=true</c>: the form of other clients for .NET, with their names and units.</summary>
internal static class RespListFormat
{
    public static RespOptions Parse(string text)
    {
        var parts = text.Split(',');
        var settings = Settings(parts);
        var tls = settings.TryGetValue("ssl", out var ssl) && Truth("ssl", ssl);
        if (!tls && settings.ContainsKey("sslhost"))
        {
            throw Errors.SslHostWithoutSsl();
        }

        return new RespOptions
        {
            EndPoint = RespHostFormat.Parse(parts[0].Trim(), tls ? RespEndPoint.DefaultTlsPort : RespEndPoint.DefaultPort),
            Credentials = Credentials(settings),
            Database = settings.TryGetValue("defaultdatabase", out var database) ? RespHostFormat.Database(database) : 0,
            ClientName = settings.TryGetValue("name", out var name) ? ClientName(name) : "unstale",
            Tls = tls ? new RespTls { HostName = settings.GetValueOrDefault("sslhost") } : null,
            ConnectTimeout = Milliseconds(settings, "connecttimeout", RespOptions.DefaultConnectTimeout),
            CommandTimeout = Milliseconds(settings, "asynctimeout", RespOptions.DefaultCommandTimeout),
            KeepAlive = Seconds(settings, "keepalive", RespOptions.DefaultKeepAlive),
        };
    }

    private static Dictionary<string, string> Settings(string[] parts)
    {
        var settings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 1; i < parts.Length; i++)
        {
            if (parts[i].Trim().Length == 0)
            {
                continue;
            }

            var equals = parts[i].IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? "" : parts[i][..equals].Trim();
            if (!IsKnown(name))
            {
                // What follows a password may be the rest of it, so it is counted and not shown.
                throw settings.ContainsKey("password") || equals < 0 ? Errors.ListPart(i + 1) : Errors.ListName(name);
            }

            if (!settings.TryAdd(name, parts[i][(equals + 1)..].Trim()))
            {
                throw Errors.ListTwice(name);
            }
        }

        return settings;
    }

    private static bool IsKnown(string name) => name.ToUpperInvariant() is
        "PASSWORD" or "USER" or "SSL" or "SSLHOST" or "DEFAULTDATABASE" or "NAME" or "CONNECTTIMEOUT" or "ASYNCTIMEOUT" or "KEEPALIVE"
        // Others' switch for giving up at start: this client never does, so either value means the same.
        or "ABORTCONNECT";

    private static RespCredentials? Credentials(Dictionary<string, string> settings)
    {
        var user = settings.GetValueOrDefault("user");
        if (settings.TryGetValue("password", out var password) && password.Length > 0)
        {
            return new RespCredentials(user, password);
        }

        return user is null ? null : throw Errors.UserWithoutPassword();
    }

    private static string ClientName(string name) =>
        name.Length > 0 && !name.AsSpan().ContainsAnyExceptInRange('!', '~') ? name : throw Errors.ClientName(name);

    private static bool Truth(string name, string value) =>
        bool.TryParse(value, out var truth) ? truth : throw Errors.ListTruth(name, value);

    private static TimeSpan Milliseconds(Dictionary<string, string> settings, string name, TimeSpan otherwise) =>
        settings.TryGetValue(name, out var value) ? TimeSpan.FromMilliseconds(Positive(name, value, "milliseconds")) : otherwise;

    private static TimeSpan Seconds(Dictionary<string, string> settings, string name, TimeSpan otherwise) =>
        settings.TryGetValue(name, out var value) ? TimeSpan.FromSeconds(Positive(name, value, "seconds")) : otherwise;

    private static int Positive(string name, string value, string unit) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 86_400_000
            ? number
            : throw Errors.ListNumber(name, value, unit);
}
