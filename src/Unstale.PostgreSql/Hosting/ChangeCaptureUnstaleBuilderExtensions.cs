using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Unstale;
using Unstale.Boundary;
using Unstale.PostgreSql;
using Unstale.PostgreSql.Capture;
using Unstale.PostgreSql.Hosting;
using Unstale.PostgreSql.Telemetry;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extension that adds change capture to a cache.</summary>
public static class ChangeCaptureUnstaleBuilderExtensions
{
    private const string DefaultCache = "default";

    /// <summary>
    /// Captures the changes that any program commits to tables of PostgreSQL, and invalidates them as <see cref="IInvalidator.ChangedAsync(Change, CancellationToken)"/>
    /// does, with the values before and after as far as the server sends them. Call <see cref="PostgreSqlChangeCapture.SetupAsync"/> once. Add the call to
    /// every process of the log: a process that cannot be the reader still ends trust in its values when changes are not read.
    /// </summary>
    /// <param name="builder">The cache, over any log.</param>
    /// <param name="configure">Sets the options, which are validated when the host starts.</param>
    /// <returns>The builder.</returns>
    public static IUnstaleBuilder UsePostgreSqlChangeCapture(this IUnstaleBuilder builder, Action<ChangeCaptureOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        var (services, name) = (builder.Services, builder.Name);
        services.Configure(name, configure);
        if (services.Any(d => d.ServiceType == typeof(PostgreSqlChangeCapture) && Equals(d.ServiceKey, name)))
            return builder;
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ChangeCaptureOptions>, ChangeCaptureOptionsValidator>());
        services.AddOptions<ChangeCaptureOptions>(name).ValidateOnStart();
        services.AddKeyedSingleton(name, static (s, cache) => new CaptureMetrics(s.GetService<IMeterFactory>(), (string)cache!));
        services.AddKeyedSingleton(name, static (s, cache) => new CaptureConnections(OptionsOf(s, cache).ConnectionString));
        services.AddKeyedSingleton(name, static (s, cache) =>
            new SlotSetup(s.GetRequiredKeyedService<UnstaleCache>(cache), s.GetRequiredKeyedService<CaptureConnections>(cache), OptionsOf(s, cache)));
        services.AddKeyedSingleton(name, static (s, cache) =>
            new PostgreSqlChangeCapture(s.GetRequiredKeyedService<CaptureConnections>(cache), s.GetRequiredKeyedService<SlotSetup>(cache), OptionsOf(s, cache)));
        services.AddKeyedSingleton(name, static (s, cache) => new ChangeReader(
            s.GetRequiredKeyedService<UnstaleCache>(cache),
            s.GetRequiredKeyedService<CaptureConnections>(cache),
            s.GetRequiredKeyedService<SlotSetup>(cache),
            OptionsOf(s, cache),
            s.GetRequiredKeyedService<CaptureMetrics>(cache),
            TimeOf(s),
            GuardedLogger.For<ChangeReader>(s)));
        services.AddKeyedSingleton(name, static (s, cache) => new LagWatch(
            s.GetRequiredKeyedService<UnstaleCache>(cache),
            s.GetRequiredKeyedService<CaptureConnections>(cache),
            OptionsOf(s, cache),
            s.GetRequiredKeyedService<CaptureMetrics>(cache),
            TimeOf(s),
            GuardedLogger.For<LagWatch>(s)));
        services.AddSingleton<IHostedService>(s =>
            new ChangeCaptureService(s.GetRequiredKeyedService<ChangeReader>(name), s.GetRequiredKeyedService<LagWatch>(name), OptionsOf(s, name)));
        if (name == DefaultCache)
            services.TryAddSingleton(static s => s.GetRequiredKeyedService<PostgreSqlChangeCapture>(DefaultCache));
        return builder;
    }

    /// <summary>
    /// Captures changes with options from a section of the configuration. The keys are the names of the options, and <c>Tables</c>: a list of names, or of
    /// objects with <c>Name</c>, <c>Resource</c> and <c>IgnoredColumns</c>, see <see cref="ChangeCaptureOptions.AddTable"/>. A time is a number of seconds or
    /// <c>[d.]hh:mm:ss</c>.
    /// </summary>
    /// <param name="builder">The cache, over any log.</param>
    /// <param name="section">Section of the options. Other keys are rejected, and a section that does not exist.</param>
    /// <param name="configure">Changes further options, which are validated when the host starts.</param>
    /// <returns>The builder.</returns>
    public static IUnstaleBuilder UsePostgreSqlChangeCapture(
        this IUnstaleBuilder builder, IConfigurationSection section, Action<ChangeCaptureOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(section);
        return builder.UsePostgreSqlChangeCapture(options =>
        {
            ChangeCaptureOptionsReader.Bind(section, options);
            configure?.Invoke(options);
        });
    }

    private static ChangeCaptureOptions OptionsOf(IServiceProvider services, object? cache) =>
        services.GetRequiredService<IOptionsMonitor<ChangeCaptureOptions>>().Get((string)cache!);

    private static GuardedTime TimeOf(IServiceProvider services) => GuardedTime.Over(services.GetRequiredService<TimeProvider>());
}
