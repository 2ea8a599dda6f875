using Microsoft.EntityFrameworkCore;
using Unstale.EntityFrameworkCore;
using Unstale.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extensions that connect registered contexts with a cache.</summary>
public static class EntityFrameworkCoreUnstaleBuilderExtensions
{
    /// <summary>
    /// Applies <see cref="UnstaleDbContextOptionsBuilderExtensions.UseUnstale(DbContextOptionsBuilder, Action{UnstaleContextOptions})"/> to a context: the values of loads depend on the rows
    /// that their queries can return, and saved rows invalidate the values after the commit. Call it after <c>AddDbContext</c>, <c>AddDbContextPool</c>,
    /// <c>AddDbContextFactory</c> or <c>AddPooledDbContextFactory</c>.
    /// </summary>
    /// <typeparam name="TContext">Type of the context.</typeparam>
    /// <param name="builder">Builder of the cache.</param>
    /// <param name="configure">Sets the options of the context. Default: null (no query is cached without a call).</param>
    /// <returns>Builder, for further calls.</returns>
    /// <exception cref="InvalidOperationException">The context is not registered yet.</exception>
    public static IUnstaleBuilder UseEntityFrameworkCore<TContext>(this IUnstaleBuilder builder, Action<UnstaleContextOptions>? configure = null)
        where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (!builder.Services.Any(static service => service.ServiceType == typeof(DbContextOptions<TContext>)))
            throw Errors.NotRegistered(typeof(TContext).Name);
        var name = builder.Name;
        builder.Services.ConfigureDbContext<TContext>(options =>
        {
            if (string.Equals(name, CacheFactory.DefaultName, StringComparison.Ordinal))
                options.UseUnstale(configure);
            else
                options.UseUnstale(name, configure);
        });
        return builder;
    }
}
