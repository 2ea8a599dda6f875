using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace Unstale.EntityFrameworkCore;

/// <summary>Cache of one context. A service of the context, so that it is found once.</summary>
internal sealed class ContextCache(UnstaleCache cache)
{
    public static UnstaleCache Of(DbContext context) => context.GetService<ContextCache>().Cache;

    public UnstaleCache Cache => cache;
}
