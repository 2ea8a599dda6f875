using System.Net;
using StackExchange.Redis;
using Unstale.Boundary;

namespace Unstale.Redis.Connection;

/// <summary>Address of a server, and limits of the connections to it. Equal settings share connections.</summary>
internal sealed record RedisSettings
{
    public static readonly TimeSpan DefaultRequestTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Name of the server in messages: the first endpoint, or the source of the connection.</summary>
    public required string Place { get; init; }

    /// <summary>Options from the connection string or from the application; null if the application provides the multiplexer.</summary>
    public ConfigurationOptions? Configuration { get; init; }

    /// <summary>Text from which <see cref="Configuration"/> was parsed. Equal texts mean the same server.</summary>
    public string? Text { get; init; }

    /// <summary>Factory of multiplexers, called twice.</summary>
    public Func<Task<IConnectionMultiplexer>>? Factory { get; init; }

    /// <summary>Provider of a multiplexer of the application, called once.</summary>
    public Func<IConnectionMultiplexer>? Shared { get; init; }

    /// <summary>Database of the keys; null for the default of the multiplexer.</summary>
    public int? Database { get; init; }

    /// <summary>Time limit of a call. Default: 1 second.</summary>
    public TimeSpan RequestTimeout { get; init; } = DefaultRequestTimeout;

    /// <summary>Maximum bytes of calls held by the client. Further calls wait. Default: 8 MB.</summary>
    public long MaximumBytesInFlight { get; init; } = 8 << 20;

    /// <summary>Maximum number of pushes waiting for a listener. Default: 8192.</summary>
    public int PushCapacity { get; init; } = 8192;

    public RedisBackoff Backoff { get; init; } = RedisBackoff.Default;

    public GuardedTime TimeProvider { get; init; } = GuardedTime.Over(System.TimeProvider.System);

    /// <summary>User of the connection string; null for none.</summary>
    public string? User => Configuration?.User;

    /// <summary>Attempts of the library's own multiplexers to connect.</summary>
    public ConnectionAttempts Attempts { get; } = new();

    /// <summary>Credentials that must not appear in any message, from any source.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>Parses a connection string.</summary>
    /// <exception cref="FormatException">The string is rejected. The message contains no part of the string.</exception>
    public static RedisSettings Parse(string text, TimeProvider time)
    {
        var configuration = ConnectionString.Parse(text);
        var settings = From(configuration) with { Text = text, TimeProvider = GuardedTime.Over(time) };
        return text.Contains("asyncTimeout", StringComparison.OrdinalIgnoreCase) ? settings with { RequestTimeout = TimeSpan.FromMilliseconds(configuration.AsyncTimeout) } : settings;
    }

    public static RedisSettings From(ConfigurationOptions configuration) => new()
    {
        Configuration = configuration,
        Place = configuration.EndPoints.Count == 0 ? "no endpoint" : Name(configuration.EndPoints[0], configuration.Ssl) + (configuration.ServiceName is { } name ? $" ({name})" : ""),
        Database = configuration.DefaultDatabase,
        Secrets = ConnectionString.Secrets(configuration),
    };

    public bool Equals(RedisSettings? other) =>
        other is not null && Text == other.Text && (Text is not null || ReferenceEquals(Configuration, other.Configuration))
        && Factory == other.Factory && Shared == other.Shared && Database == other.Database && RequestTimeout == other.RequestTimeout
        && ReferenceEquals(TimeProvider, other.TimeProvider);

    public override int GetHashCode() => HashCode.Combine(Text, Factory, Shared, Database, RequestTimeout);

    public override string ToString() => Place;

    private static string Name(EndPoint endPoint, bool tls) => endPoint switch
    {
        DnsEndPoint { Port: 0 } dns => $"{dns.Host}:{(tls ? 6380 : 6379)}",
        DnsEndPoint dns => $"{dns.Host}:{dns.Port}",
        IPEndPoint { Port: 0 } ip => new IPEndPoint(ip.Address, tls ? 6380 : 6379).ToString(),
        _ => endPoint.ToString() ?? "",
    };
}
