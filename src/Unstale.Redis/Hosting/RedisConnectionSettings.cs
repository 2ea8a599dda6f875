using Microsoft.Extensions.DependencyInjection;
using Unstale.Boundary;
using Unstale.Redis.Connection;

namespace Unstale.Redis.Hosting;

/// <summary>Derives the connection settings from the options of a cache.</summary>
internal static class RedisConnectionSettings
{
    private const string OfContainer = "the container's IConnectionMultiplexer";
    private const string OfFactory = "the ConnectionMultiplexerFactory";

    /// <exception cref="FormatException">The connection string is rejected.</exception>
    public static RedisSettings Resolve(RedisOptions options, IServiceProvider? services, TimeProvider time)
    {
        var read = Source(options, services);
        return read with
        {
            RequestTimeout = options.RequestTimeout ?? read.RequestTimeout,
            Database = options.Database ?? read.Database,
            TimeProvider = GuardedTime.Over(time),
        };
    }

    /// <summary>Describes the server, the user and TLS for the log line about a log.</summary>
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
            return RedisSettings.From(configuration);

        if (!string.IsNullOrEmpty(options.Configuration))
            return RedisSettings.Parse(options.Configuration, TimeProvider.System);

        if (options.MissingFrom is null && services is not null)
        {
            // One delegate per container, so that the caches of a container share their links.
            return new RedisSettings { Place = OfContainer, Shared = services.GetRequiredService<ContainerMultiplexer>().Get };
        }

        throw Errors.NoServer();
    }
}
