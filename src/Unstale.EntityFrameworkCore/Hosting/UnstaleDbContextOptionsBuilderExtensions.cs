using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Unstale;
using Unstale.EntityFrameworkCore;
using Unstale.EntityFrameworkCore.Hosting;

namespace Microsoft.EntityFrameworkCore;

/// <summary>Extensions that connect a context with a cache.</summary>
public static class UnstaleDbContextOptionsBuilderExtensions
{
    /// <summary>
    /// Records the rows that the queries of loads can return, and invalidates the values that depend on saved rows after the commit. Call it after the
    /// database provider. The cache is that of the services that create the context (<c>AddDbContext</c>).
    /// </summary>
    /// <param name="options">Options of the context.</param>
    /// <param name="configure">Sets the options of the context. Default: null (no query is cached without a call).</param>
    /// <returns>Options, for further calls.</returns>
    public static DbContextOptionsBuilder UseUnstale(this DbContextOptionsBuilder options, Action<UnstaleContextOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Add(options, static services => CacheOf(services, name: null), configure);
    }

    /// <summary>The same, with a named cache of the services.</summary>
    /// <param name="options">Options of the context.</param>
    /// <param name="cacheName">Name of the cache.</param>
    /// <param name="configure">Sets the options of the context. Default: null (no query is cached without a call).</param>
    /// <returns>Options, for further calls.</returns>
    public static DbContextOptionsBuilder UseUnstale(this DbContextOptionsBuilder options, string cacheName, Action<UnstaleContextOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(cacheName);
        return Add(options, services => CacheOf(services, cacheName), configure);
    }

    /// <summary>The same, for a context that no services create.</summary>
    /// <param name="options">Options of the context.</param>
    /// <param name="cache">Cache whose loads use the context.</param>
    /// <param name="configure">Sets the options of the context. Default: null (no query is cached without a call).</param>
    /// <returns>Options, for further calls.</returns>
    public static DbContextOptionsBuilder UseUnstale(this DbContextOptionsBuilder options, UnstaleCache cache, Action<UnstaleContextOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(cache);
        return Add(options, _ => cache, configure);
    }

    private static UnstaleCache CacheOf(IServiceProvider? services, string? name)
    {
        if (services is null)
            throw Errors.NoServices();
        return (name is null ? services.GetService<UnstaleCache>() : services.GetKeyedService<UnstaleCache>(name)) ?? throw Errors.NoCache(name);
    }

    private static DbContextOptionsBuilder Add(DbContextOptionsBuilder options, Func<IServiceProvider?, UnstaleCache> cache, Action<UnstaleContextOptions>? configure)
    {
        var own = new UnstaleContextOptions();
        configure?.Invoke(own);
        ((IDbContextOptionsBuilderInfrastructure)options).AddOrUpdateExtension(new UnstaleDbContextOptionsExtension(cache, own));
        return options;
    }
}
