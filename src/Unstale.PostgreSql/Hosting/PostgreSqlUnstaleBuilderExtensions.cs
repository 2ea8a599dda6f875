using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Npgsql;
using Unstale;
using Unstale.Hosting;
using Unstale.PostgreSql;
using Unstale.PostgreSql.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extensions that store the log of a cache in PostgreSQL.</summary>
public static class PostgreSqlUnstaleBuilderExtensions
{
    /// <summary>
    /// Stores the log of the cache in PostgreSQL, shared by all caches of this process that name the log and by all processes. Values stay in the memory of
    /// each process. An unreachable server does not fail the start: until the server is reachable, reads load from the source.
    /// </summary>
    /// <param name="builder">The cache.</param>
    /// <param name="connectionString">
    /// Connection string of Npgsql; see <see cref="PostgreSqlLogOptions.ConnectionString"/>. If null or empty, the host does not start.
    /// </param>
    /// <param name="configure">Changes further options, which are validated when the host starts.</param>
    /// <param name="expression">Source of the string, for the message about a missing one.</param>
    /// <returns>The builder.</returns>
    public static IUnstaleBuilder UsePostgreSqlLog(
        this IUnstaleBuilder builder,
        string? connectionString,
        Action<PostgreSqlLogOptions>? configure = null,
        [CallerArgumentExpression(nameof(connectionString))] string expression = "") =>
        builder.UsePostgreSqlLog(options =>
        {
            options.ConnectionString = connectionString ?? "";
            options.MissingFrom = string.IsNullOrEmpty(connectionString) ? expression : null;
            configure?.Invoke(options);
        });

    /// <summary>
    /// Stores the log of the cache in PostgreSQL over a data source of the application. Use this overload for connections with tokens, certificates or
    /// telemetry.
    /// </summary>
    /// <param name="builder">The cache.</param>
    /// <param name="dataSource">Data source, disposed by the application after the host.</param>
    /// <param name="configure">Changes further options, which are validated when the host starts.</param>
    /// <returns>The builder.</returns>
    public static IUnstaleBuilder UsePostgreSqlLog(this IUnstaleBuilder builder, NpgsqlDataSource dataSource, Action<PostgreSqlLogOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        return builder.UsePostgreSqlLog(options =>
        {
            options.DataSource = dataSource;
            configure?.Invoke(options);
        });
    }

    /// <summary>
    /// Stores the log of the cache in PostgreSQL, with options from a section of the configuration. The keys are the names of the options; a time is a
    /// number of seconds or <c>[d.]hh:mm:ss</c>.
    /// </summary>
    /// <param name="builder">The cache.</param>
    /// <param name="section">
    /// Section with <see cref="PostgreSqlLogOptions.ConnectionString"/> among its keys. Keys that are not options of <see cref="PostgreSqlLogOptions"/> are
    /// rejected.
    /// </param>
    /// <param name="configure">Changes further options, which are validated when the host starts.</param>
    /// <returns>The builder.</returns>
    public static IUnstaleBuilder UsePostgreSqlLog(this IUnstaleBuilder builder, IConfigurationSection section, Action<PostgreSqlLogOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(section);
        return builder.UsePostgreSqlLog(options =>
        {
            PostgreSqlOptionsReader.Bind(section, options);
            configure?.Invoke(options);
        });
    }

    /// <inheritdoc cref="UsePostgreSqlLog(IUnstaleBuilder, string, Action{PostgreSqlLogOptions}, string)"/>
    /// <param name="builder">The cache.</param>
    /// <param name="configure">
    /// Sets the options, which are validated when the host starts. If no database is set, the <see cref="NpgsqlDataSource"/> of the container is used.
    /// </param>
    public static IUnstaleBuilder UsePostgreSqlLog(this IUnstaleBuilder builder, Action<PostgreSqlLogOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        var services = builder.Services;
        services.TryAddSingleton<PostgreSqlRegistry>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PostgreSqlLogOptions>, PostgreSqlLogOptionsValidator>());
        services.AddOptions<PostgreSqlLogOptions>(builder.Name).Configure(configure).ValidateOnStart();
        services.TryAddKeyedSingleton<ILogSource>(
            builder.Name, static (s, cache) => new PostgreSqlLogSource((string)cache!, s.GetRequiredService<PostgreSqlRegistry>()));
        return builder;
    }
}
