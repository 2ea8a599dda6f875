using Microsoft.Extensions.DependencyInjection;
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
            return RedisSettings.Of(configuration);
        }

        if (!string.IsNullOrEmpty(options.Configuration))
        {
            return RedisSettings.Parse(options.Configuration, TimeProvider.System);
        }

        if (options.MissingFrom is null && services is not null)
        {
            // One delegate for each container, so that its caches share their links.
            return new RedisSettings { Place = OfContainer, Shared = services.GetRequiredService<ContainerMultiplexer>().Get };
        }

        throw Errors.NoServer();
    }
}
