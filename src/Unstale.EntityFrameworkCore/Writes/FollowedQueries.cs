using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Query;
using Microsoft.EntityFrameworkCore.Storage;
using Unstale.Loading;

namespace Unstale.EntityFrameworkCore.Writes;

/// <summary>
/// Called before each query of a context. A load that reads inside a transaction may see rows that are never committed, or old ones: its value is returned and
/// not stored.
/// </summary>
internal sealed class FollowedQueries(IQueryContextFactory inner, ICurrentDbContext context, IRelationalConnection connection) : IQueryContextFactory
{
    public QueryContext Create()
    {
        LoadedEntities.Follow(context.Context);
        if (AmbientLoad.Current is { } load && IsInTransaction())
            AmbientLoad.Taint(load);
        return inner.Create();
    }

    private bool IsInTransaction() => OpenTransactions.Of(connection) is not null || connection is ITransactionEnlistmentManager { EnlistedTransaction: not null };
}
