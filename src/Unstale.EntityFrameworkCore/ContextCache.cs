using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace Unstale.EntityFrameworkCore;

/// <summary>Cache of one context. A service of the context, so that it is found once.</summary>
/// <param name="cache">Cache.</param>
/// <param name="queries">Options of cached queries; null if no query is cached without a call.</param>
internal sealed class ContextCache(UnstaleCache cache, QueryCachingOptions? queries)
{
    public static UnstaleCache Of(DbContext context) => context.GetService<ContextCache>().Cache;

    public UnstaleCache Cache => cache;

    public QueryCachingOptions? Queries => queries;
}
