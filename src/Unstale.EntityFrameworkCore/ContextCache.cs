using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Unstale.EntityFrameworkCore.Hosting;

namespace Unstale.EntityFrameworkCore;

/// <summary>Finds the cache of a context.</summary>
internal static class ContextCache
{
    public static UnstaleCache Of(DbContext context)
    {
        var options = context.GetService<IDbContextOptions>();
        var services = options.FindExtension<CoreOptionsExtension>()?.ApplicationServiceProvider;
        return options.FindExtension<UnstaleDbContextOptionsExtension>()!.CacheOf(services);
    }
}
