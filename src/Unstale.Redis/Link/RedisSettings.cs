using System.Net;
using StackExchange.Redis;
using Unstale.Boundary;

namespace Unstale.Redis.Link;

/// <summary>How a server is reached, and limits of the connections to it. Two that are equal share their connections.</summary>
internal sealed record RedisSettings
{
    public static readonly TimeSpan DefaultRequestTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Names the server in messages: its first endpoint, or where the connection comes from.</summary>
    public required string Place { get; init; }

    /// <summary>What the connection string or the application says; null if the application makes or has the multiplexer.</summary>
    public ConfigurationOptions? Configuration { get; init; }

    /// <summary>The text that <see cref="Configuration"/> was read from: two of one text are one server.</summary>
    public string? Text { get; init; }

    /// <summary>Makes a multiplexer; called twice.</summary>
    public Func<Task<IConnectionMultiplexer>>? Factory { get; init; }

    /// <summary>A multiplexer of the application, asked for once.</summary>
    public Func<IConnectionMultiplexer>? Shared { get; init; }

    /// <summary>The database of keys; null for the one that the multiplexer names.</summary>
    public int? Database { get; init; }

    /// <summary>How long a call may take; 1 s.</summary>
    public TimeSpan RequestTimeout { get; init; } = DefaultRequestTimeout;

    /// <summary>Bytes of calls that the client may hold; more wait. 8 MB.</summary>
    public long MaximumBytesInFlight { get; init; } = 8 << 20;

    /// <summary>Pushes that may wait for their listener; 8192.</summary>
    public int PushCapacity { get; init; } = 8192;

    public RedisBackoff Backoff { get; init; } = RedisBackoff.Default;

    public GuardedTime TimeProvider { get; init; } = GuardedTime.Over(System.TimeProvider.System);

    /// <summary>The user that the connection string names; null for none.</summary>
    public string? User => Configuration?.User;

    /// <summary>The attempts to connect of the multiplexers that are made here.</summary>
    public ConnectionAttempts Attempts { get; } = new();

    /// <summary>Credentials that no message may show, whoever wrote it.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>Reads a connection string.</summary>
    /// <exception cref="FormatException">It is refused. The message holds nothing of it.</exception>
    public static RedisSettings Parse(string text, TimeProvider time)
    {
        var configuration = ConnectionString.Parse(text);
        var settings = Of(configuration) with { Text = text, TimeProvider = GuardedTime.Over(time) };
        return text.Contains("asyncTimeout", StringComparison.OrdinalIgnoreCase) ? settings with { RequestTimeout = TimeSpan.FromMilliseconds(configuration.AsyncTimeout) } : settings;
    }

    public static RedisSettings Of(ConfigurationOptions configuration) => new()
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
