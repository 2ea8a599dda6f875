using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;
using Unstale;
using Unstale.Boundary;
using Unstale.PostgreSql;
using Unstale.PostgreSql.Hosting;
using Unstale.PostgreSql.Outbox;
using Unstale.PostgreSql.Telemetry;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extension that adds an outbox to a cache.</summary>
public static class OutboxUnstaleBuilderExtensions
{
    private const string DefaultCache = "default";

    /// <summary>
    /// Adds a <see cref="PostgreSqlOutbox"/>: changes are rows of the application's transactions, so a committed change is invalidated even if the process
    /// ends directly after the commit. The service has the key of the cache, and for the default cache also none. While the host runs, the process sends rows
    /// that no writer has sent.
    /// </summary>
    /// <param name="builder">The cache, over any log.</param>
    /// <param name="configure">Changes the options, which are validated when the host starts.</param>
    /// <returns>The builder.</returns>
    public static IUnstaleBuilder UsePostgreSqlOutbox(this IUnstaleBuilder builder, Action<OutboxOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var (services, name) = (builder.Services, builder.Name);
        if (configure is not null)
            services.Configure(name, configure);
        if (services.Any(d => d.ServiceType == typeof(OutboxRelay) && Equals(d.ServiceKey, name)))
            return builder;
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<OutboxOptions>, OutboxOptionsValidator>());
        services.AddOptions<OutboxOptions>(name).ValidateOnStart();
        services.AddKeyedSingleton(name, static (s, cache) => new OutboxMetrics(s.GetService<IMeterFactory>(), (string)cache!));
        services.AddKeyedSingleton(name, static (s, cache) => TableOf(s, (string)cache!));
        services.AddKeyedSingleton(name, static (s, cache) => RelayOf(s, (string)cache!));
        services.AddKeyedSingleton(name, static (s, cache) => new PostgreSqlOutbox(
            s.GetRequiredKeyedService<UnstaleCache>(cache),
            s.GetRequiredKeyedService<OutboxTable>(cache),
            s.GetRequiredKeyedService<OutboxRelay>(cache),
            OptionsOf(s, (string)cache!).Reached));
        services.AddSingleton<IHostedService>(s => new OutboxService(s.GetRequiredKeyedService<OutboxRelay>(name)));
        if (name == DefaultCache)
            services.TryAddSingleton(static s => s.GetRequiredKeyedService<PostgreSqlOutbox>(DefaultCache));
        return builder;
    }

    /// <summary>
    /// Adds a <see cref="PostgreSqlOutbox"/> with options from a section of the configuration. The keys are the names of the options without
    /// <see cref="OutboxOptions.DataSource"/>; a time is a number of seconds or <c>[d.]hh:mm:ss</c>.
    /// </summary>
    /// <param name="builder">The cache, over any log.</param>
    /// <param name="section">Section of the options. Other keys are rejected, and a section that does not exist.</param>
    /// <param name="configure">Changes further options, which are validated when the host starts.</param>
    /// <returns>The builder.</returns>
    public static IUnstaleBuilder UsePostgreSqlOutbox(this IUnstaleBuilder builder, IConfigurationSection section, Action<OutboxOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(section);
        return builder.UsePostgreSqlOutbox(options =>
        {
            OutboxOptionsReader.Bind(section, options);
            configure?.Invoke(options);
        });
    }

    private static OutboxOptions OptionsOf(IServiceProvider services, string cache) => services.GetRequiredService<IOptionsMonitor<OutboxOptions>>().Get(cache);

    private static OutboxTable TableOf(IServiceProvider services, string cache)
    {
        var options = OptionsOf(services, cache);
        var source = options.DataSource ?? services.GetService<NpgsqlDataSource>() ?? throw Unstale.PostgreSql.Errors.NoDataSource(nameof(UsePostgreSqlOutbox));
        return new(source, options.Schema, cache);
    }

    private static OutboxRelay RelayOf(IServiceProvider services, string cache) => new(
        services.GetRequiredKeyedService<UnstaleCache>(cache),
        services.GetRequiredKeyedService<OutboxTable>(cache),
        OptionsOf(services, cache),
        services.GetRequiredKeyedService<OutboxMetrics>(cache),
        GuardedTime.Over(services.GetRequiredService<TimeProvider>()),
        GuardedLogger.For<OutboxRelay>(services));
}
