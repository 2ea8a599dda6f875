namespace Unstale.EntityFrameworkCore;

/// <summary>Exceptions with the texts that users read.</summary>
internal static class Errors
{
    public static InvalidOperationException NoProvider() =>
        new("UseUnstale found no relational database provider. Call UseUnstale after the provider, such as UseSqlite or UseNpgsql.");

    public static InvalidOperationException NoServices() =>
        new("UseUnstale found no services. Create the context by AddDbContext, or pass the cache: UseUnstale(cache).");

    public static InvalidOperationException NoCache(string? name) =>
        new(name is null ? "UseUnstale found no cache. Call AddUnstale() on the services." : $"UseUnstale found no cache '{name}'. Call AddUnstale(\"{name}\") on the services.");

    public static InvalidOperationException ForeignTransaction() =>
        new("The context cannot observe the commit of this transaction, because the application began it. Use context.Database.BeginTransaction, or wrap the transaction: new InvalidatingTransaction(transaction, cache.Invalidator), and commit the wrapper.");

    public static InvalidOperationException TransactionAsSql() =>
        new("The context cannot observe a transaction that SQL text begins or ends. Use context.Database.BeginTransaction, CommitTransaction and RollbackTransaction.");
}
