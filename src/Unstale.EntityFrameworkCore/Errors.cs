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

    public static InvalidOperationException NotRegistered(string context) =>
        new($"UseEntityFrameworkCore<{context}> found no registration of {context}. Call AddDbContext<{context}>, AddDbContextPool, AddDbContextFactory or AddPooledDbContextFactory first.");

    public static InvalidOperationException NoQueryOfContext() =>
        new("The query is not a query of a context with UseUnstale. Begin it with a DbSet of the context, and call UseUnstale on the options of the context.");

    public static InvalidOperationException NoFingerprint() =>
        new("The query cannot be printed, so it has no key. Call GetOrCreateAsync of the cache with a key, and run the query in the factory.");

    public static InvalidOperationException ParameterWithoutText(string name, Type type) =>
        new($"Parameter '{name}' of the query is of type {type}, whose values have no text for a key. Pass its members as parameters, or call GetOrCreateAsync of the cache with a key.");

    public static ArgumentOutOfRangeException MaximumRows(string name, int value) =>
        new(name, value, $"{nameof(QueryCachingOptions.MaximumRows)} is {value} and must be at least 1. To cache no queries, leave out {nameof(UnstaleContextOptions.CacheAllQueries)}.");

    public static InvalidOperationException NoLock(string? provider) =>
        new($"{nameof(UnstaleContextOptions.ReadOldValues)} locks rows in PostgreSQL and SQLite, and not with the provider {provider}. Leave out the call, and declare a row version (IsRowVersion) for tables whose old values matter.");

    public static string NoDeclaredTable(string type) =>
        $"DependsOnTables of {type} names no table. Name each table that the view reads, or leave out the call to depend on every table of the model.";

    public static InvalidOperationException DeclaredTable(string type, string table) =>
        new($"DependsOnTables of {type} names '{table}', which is no table of the model. Write the name with its schema if the model names one, such as 'sales.orders', and map the table.");

    public static InvalidOperationException CallHasEnded() =>
        new("The context of a cached query ends with its call, so the query cannot be refreshed in the background. Set no FreshFor, or call GetOrCreateAsync with a factory that creates a context.");

    public static InvalidOperationException ForeignTransaction() =>
        new("The context cannot observe the commit of this transaction, because the application began it. Use context.Database.BeginTransaction, or wrap the transaction: new InvalidatingTransaction(transaction, cache.Invalidator), and commit the wrapper.");

    public static InvalidOperationException TransactionAsSql() =>
        new("The context cannot observe a transaction that SQL text begins or ends. Use context.Database.BeginTransaction, CommitTransaction and RollbackTransaction.");
}
