using System.Data;
using System.Data.Common;
using Dapper;
using Unstale;

namespace Shop.Data;

/// <summary>Source of truth.</summary>
internal sealed class ShopDatabase(DbDataSource source, TimeProvider time)
{
    /// <summary>Default of Npgsql: maximum number of connections that may be dead at once.</summary>
    private const int PoolSize = 100;

    private const string Select = """
        SELECT p.id, p.name, p.description, p.price_in_cents AS PriceInCents, p.category_id AS CategoryId,
               c.name AS CategoryName, p.featured, p.version + c.version AS Version
        FROM products p JOIN categories c ON c.id = p.category_id
        """;

    private const string SelectVersion = """
        SELECT p.version + c.version AS Version, p.name, p.price_in_cents AS PriceInCents, p.category_id AS CategoryId,
               CASE WHEN p.changed_at > c.changed_at THEN p.changed_at ELSE c.changed_at END AS ChangedAt
        FROM products p JOIN categories c ON c.id = p.category_id
        WHERE p.id = @id
        """;

    /// <summary>Creates and seeds missing tables in one transaction, because several processes may start over one database at once.</summary>
    /// <param name="hasOtherWriters">Whether other programs write to the tables, and the shop reads their changes.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async Task PrepareAsync(bool hasOtherWriters, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        var dialect = Dialect.Of(connection);
        if (dialect.OnConnection is { } said)
            await connection.ExecuteAsync(Command(said, null, null, cancellationToken));

        await using var transaction = await connection.BeginTransactionAsync(dialect.Isolation, cancellationToken);
        if (dialect.Alone is { } alone)
            await connection.ExecuteAsync(Command(alone, null, transaction, cancellationToken));

        await connection.ExecuteAsync(Command(Schema.Tables, null, transaction, cancellationToken));
        await connection.ExecuteAsync(Command(Schema.Orders(dialect), null, transaction, cancellationToken));
        await AddMissingColumnsAsync(connection, transaction, cancellationToken);
        if (await connection.ExecuteScalarAsync<long>(Command(Schema.IsSeeded, null, transaction, cancellationToken)) == 0)
            await connection.ExecuteAsync(Command(Schema.Seed, null, transaction, cancellationToken));

        if (hasOtherWriters)
            await connection.ExecuteAsync(Command(Schema.OtherWriters, null, transaction, cancellationToken));

        await transaction.CommitAsync(CancellationToken.None);
    }

    public Task PingAsync(CancellationToken cancellationToken) =>
        AskAsync(connection => connection.ExecuteScalarAsync<long>(Command(Schema.IsSeeded, null, null, cancellationToken)), cancellationToken);

    public Task<Product?> FindProductAsync(long id, CancellationToken cancellationToken) =>
        AskAsync(connection => FindAsync(connection, id, null, cancellationToken), cancellationToken);

    /// <summary>Returns the version of a product and the time of the write that made it, or null if there is no such product.</summary>
    public Task<ProductVersion?> FindVersionAsync(long id, CancellationToken cancellationToken) =>
        AskAsync(
            connection => connection.QuerySingleOrDefaultAsync<ProductVersion>(Command(SelectVersion, new { id }, null, cancellationToken)),
            cancellationToken);

    public Task<ProductList> ListFeaturedAsync(CancellationToken cancellationToken) =>
        AskAsync(
            async connection => ToList(await connection.QueryAsync<ProductRow>(
                Command($"{Select} WHERE p.featured ORDER BY p.id", null, null, cancellationToken))),
            cancellationToken);

    /// <summary>Returns the products of a category, or null if there is no such category.</summary>
    public Task<ProductList?> ListCategoryAsync(long id, CancellationToken cancellationToken) =>
        AskAsync(
            async connection =>
            {
                var exists = Command("SELECT count(*) FROM categories WHERE id = @id", new { id }, null, cancellationToken);
                if (await connection.ExecuteScalarAsync<long>(exists) == 0)
                    return null;

                return ToList(await connection.QueryAsync<ProductRow>(
                    Command($"{Select} WHERE p.category_id = @id ORDER BY p.id", new { id }, null, cancellationToken)));
            },
            cancellationToken);

    /// <summary>Updates a product and returns the new state, or null if there is no such product.</summary>
    public Task<Product?> UpdateProductAsync(long id, ProductChange change, CancellationToken cancellationToken) =>
        WriteAsync(
            """
            UPDATE products SET name = coalesce(@Name, name), description = coalesce(@Description, description),
                price_in_cents = coalesce(@PriceInCents, price_in_cents), version = version + 1, changed_at = @Now
            WHERE id = @id
            """,
            new { id, change.Name, change.Description, PriceInCents = change.ToCents(), Now = Now() },
            (connection, transaction) => FindAsync(connection, id, transaction, cancellationToken),
            cancellationToken);

    /// <summary>Deletes a product and returns the last state, or null if there was no such product.</summary>
    public Task<Product?> DeleteProductAsync(long id, CancellationToken cancellationToken) =>
        WriteAsync(
            "UPDATE products SET version = version + 1 WHERE id = @id",
            new { id },
            async (connection, transaction) =>
            {
                var last = await FindAsync(connection, id, transaction, cancellationToken);
                await connection.ExecuteAsync(Command("DELETE FROM products WHERE id = @id", new { id }, transaction, cancellationToken));
                return last;
            },
            cancellationToken);

    /// <summary>Updates a category and returns its products after the change, or null if there is no such category.</summary>
    public Task<ProductList?> UpdateCategoryAsync(long id, CategoryChange change, CancellationToken cancellationToken) =>
        WriteAsync(
            "UPDATE categories SET name = coalesce(@Name, name), version = version + 1, changed_at = @Now WHERE id = @id",
            new { id, change.Name, Now = Now() },
            async (connection, transaction) => (ProductList?)ToList(await connection.QueryAsync<ProductRow>(
                Command($"{Select} WHERE p.category_id = @id", new { id }, transaction, cancellationToken))),
            cancellationToken);

    /// <summary>
    /// Runs a unit of work. Invalidations raised inside take effect when the commit has succeeded or may have succeeded. Work that fails or has no
    /// result is rolled back, and nothing is raised.
    /// </summary>
    public Task<T?> WorkAsync<T>(IInvalidator invalidator, Func<DbTransaction, Task<T?>> work, CancellationToken cancellationToken)
        where T : class =>
        AskAsync(
            async connection =>
            {
                await using var unit = new InvalidatingTransaction(await connection.BeginTransactionAsync(cancellationToken), invalidator);
                var result = await work(unit.Transaction);
                if (result is not null)
                    await CommitAsync(() => unit.CommitAsync(CancellationToken.None));

                return result;
            },
            cancellationToken);

    private long Now() => ProductVersion.Microseconds(time.GetUtcNow());

    private static async Task AddMissingColumnsAsync(DbConnection connection, DbTransaction transaction, CancellationToken cancellationToken)
    {
        foreach (var table in Schema.Changing)
        {
            bool isMissing;
            await using (var columns = await connection.ExecuteReaderAsync(Command($"SELECT * FROM {table} LIMIT 0", null, transaction, cancellationToken)))
                isMissing = !Enumerable.Range(0, columns.FieldCount).Select(columns.GetName).Contains("changed_at", StringComparer.Ordinal);

            if (isMissing)
                await connection.ExecuteAsync(Command($"ALTER TABLE {table} ADD COLUMN changed_at bigint NOT NULL DEFAULT 0", null, transaction, cancellationToken));
        }
    }

    private Task<T?> WriteAsync<T>(
        string sql, object values, Func<DbConnection, DbTransaction, Task<T>> read, CancellationToken cancellationToken) =>
        AskAsync<T?>(
            async connection =>
            {
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                if (await connection.ExecuteAsync(Command(sql, values, transaction, cancellationToken)) == 0)
                    return default;

                var result = await read(connection, transaction);
                await CommitAsync(() => transaction.CommitAsync(CancellationToken.None));
                return result;
            },
            cancellationToken);

    private static async Task CommitAsync(Func<Task> commit)
    {
        try
        {
            await commit();
        }
        catch (DbException lost)
        {
            throw new CommitUnknownException(lost);
        }
    }

    /// <summary>
    /// Runs a query. The connections of the pool may have died since their last use, which only the next use shows, so a query that failed on a dead
    /// connection is repeated on another. A commit is never repeated, because its outcome is unknown.
    /// </summary>
    public async Task<T> AskAsync<T>(Func<DbConnection, Task<T>> ask, CancellationToken cancellationToken)
    {
        for (var dead = 0; ; dead++)
        {
            await using var connection = await source.OpenConnectionAsync(cancellationToken);
            try
            {
                return await ask(connection);
            }
            catch (DbException) when (connection.State != ConnectionState.Open && dead < PoolSize)
            {
                // The next iteration uses another connection.
            }
        }
    }

    private static async Task<Product?> FindAsync(
        DbConnection connection, long id, DbTransaction? transaction, CancellationToken cancellationToken)
    {
        var row = await connection.QuerySingleOrDefaultAsync<ProductRow>(
            Command($"{Select} WHERE p.id = @id", new { id }, transaction, cancellationToken));
        return row?.ToProduct();
    }

    private static CommandDefinition Command(string sql, object? values, DbTransaction? transaction, CancellationToken cancellationToken) =>
        new(sql, values, transaction, cancellationToken: cancellationToken);

    private static ProductList ToList(IEnumerable<ProductRow> rows) => new([.. rows.Select(static row => row.ToProduct())]);
}
