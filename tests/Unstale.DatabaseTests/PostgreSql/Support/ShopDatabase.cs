using Dapper;
using Npgsql;
using Unstale.IntegrationTests.PostgreSql;

namespace Unstale.DatabaseTests.PostgreSql.Support;

/// <summary>Database of one test with a table of products.</summary>
internal sealed class ShopDatabase(string connectionString) : IAsyncDisposable
{
    public string ConnectionString => connectionString;

    public NpgsqlDataSource Source { get; } = NpgsqlDataSource.Create(connectionString + ";Maximum Pool Size=20");

    public static async Task<ShopDatabase> CreateAsync(PostgresServer server)
    {
        var database = new ShopDatabase(await server.CreateDatabaseAsync());
        await database.ExecuteAsync(
            "CREATE TABLE products (id int PRIMARY KEY, category int NOT NULL, price numeric(10,2) NOT NULL, name text); " +
            "INSERT INTO products SELECT g, g % 3, 10, 'product ' || g FROM generate_series(1, 300) g");
        return database;
    }

    public async Task<int> ExecuteAsync(string sql, object? parameters = null)
    {
        await using var connection = await Source.OpenConnectionAsync();
        return await connection.ExecuteAsync(sql, parameters);
    }

    public async Task<T> QueryAsync<T>(string sql, object? parameters = null)
    {
        await using var connection = await Source.OpenConnectionAsync();
        return (await connection.QuerySingleAsync<T>(sql, parameters))!;
    }

    public Task<decimal> PriceAsync(int id) => QueryAsync<decimal>("SELECT price FROM products WHERE id = @id", new { id });

    public ValueTask DisposeAsync() => Source.DisposeAsync();
}
