using System.Net;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using Unstale.Boundary;
using Unstale.Redis.Link;

namespace Unstale.Redis.Hosting;

/// <summary>Reads from the options of a cache how its server is reached.</summary>
internal static class RedisConnectionSettings
{
    private const string OfContainer = "the container's IConnectionMultiplexer";
    private const string OfFactory = "the ConnectionMultiplexerFactory";

    /// <exception cref="FormatException">The connection string is refused.</exception>
    public static RedisSettings Read(RedisOptions options, IServiceProvider? services, TimeProvider time)
    {
        var read = Source(options, services);
        return read with
        {
            RequestTimeout = options.RequestTimeout ?? read.RequestTimeout,
            Database = options.Database ?? read.Database,
            TimeProvider = GuardedTime.Over(time),
        };
    }

    /// <summary>Reads a connection string.</summary>
    /// <exception cref="FormatException">The connection string is refused.</exception>
    public static RedisSettings Read(string text, TimeProvider time)
    {
        var configuration = ConnectionString.Parse(text);
        var settings = Of(configuration) with { Text = text, TimeProvider = GuardedTime.Over(time) };
        return text.Contains("asyncTimeout", StringComparison.OrdinalIgnoreCase) ? settings with { RequestTimeout = TimeSpan.FromMilliseconds(configuration.AsyncTimeout) } : settings;
    }

    /// <summary>The server, its user and TLS in words, for the line that describes a log.</summary>
    public static string Describe(RedisSettings settings) => settings.Configuration is { } configuration
        ? $"{settings.Place}/{settings.Database ?? 0} ({(configuration.Ssl ? "TLS" : "no TLS")}, user '{configuration.User ?? "default"}', ClientName '{configuration.ClientName ?? MultiplexerOptions.DefaultClientName}'"
        : $"{settings.Place} (database {settings.Database ?? 0}";

    private static RedisSettings Source(RedisOptions options, IServiceProvider? services)
    {
        if (options.ConnectionMultiplexerFactory is { } factory)
        {
            return new RedisSettings { Place = OfFactory, Factory = factory };
        }

        if (options.ConfigurationOptions is { } configuration)
        {
            return Of(configuration);
        }

        if (!string.IsNullOrEmpty(options.Configuration))
        {
            return Read(options.Configuration, TimeProvider.System);
        }

        if (options.MissingFrom is null && services is not null)
        {
            // One delegate for each container, so that its caches share their links.
            return new RedisSettings { Place = OfContainer, Shared = services.GetRequiredService<ContainerMultiplexer>().Get };
        }

        throw Errors.NoServer();
    }

    private static RedisSettings Of(ConfigurationOptions configuration) => new()
    {
        Configuration = configuration,
        Place = configuration.EndPoints.Count == 0 ? "no endpoint" : Text(configuration.EndPoints[0], configuration.Ssl) + (configuration.ServiceName is { } name ? $" ({name})" : ""),
        Database = configuration.DefaultDatabase,
        Secrets = ConnectionString.Secrets(configuration),
    };

    private static string Text(EndPoint endPoint, bool tls) => endPoint switch
    {
        DnsEndPoint { Port: 0 } dns => $"{dns.Host}:{(tls ? 6380 : 6379)}",
        DnsEndPoint dns => $"{dns.Host}:{dns.Port}",
        IPEndPoint { Port: 0 } ip => new IPEndPoint(ip.Address, tls ? 6380 : 6379).ToString(),
        _ => endPoint.ToString() ?? "",
    };
}
