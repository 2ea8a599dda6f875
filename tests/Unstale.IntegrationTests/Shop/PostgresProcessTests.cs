using Dapper;
using Npgsql;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

[Collection<PostgresCollection>]
public sealed class PostgresProcessTests(PostgresServer server) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Processes_that_start_at_once_over_one_empty_database_seed_it_once()
    {
        var database = await server.CreateDatabaseAsync();
        await using var first = Start(database);
        await using var second = Start(database);
        await using var third = Start(database);
        using var client = new HttpClient();
        foreach (var shop in new[] { first, second, third })
        {
            var list = await client.GetStringAsync(new Uri(await shop.AddressAsync(Cancel), "/products/by-category/1"), Cancel);
            Assert.Contains("\"id\":3", list, StringComparison.Ordinal);
        }

        await using var connection = new NpgsqlConnection($"{database};Pooling=False");
        Assert.Equal(11, await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM products"));
        Assert.False(File.Exists(_folder.File("shop.db")));
    }

    [Fact]
    public async Task Writes_survive_a_restart_and_the_database_is_not_seeded_again()
    {
        var database = await server.CreateDatabaseAsync();
        using var client = new HttpClient();
        await using (var shop = Start(database))
        {
            using var answer = await client.DeleteAsync(new Uri(await shop.AddressAsync(Cancel), "/products/explicit/3"), Cancel);
            answer.EnsureSuccessStatusCode();
        }

        await using var again = Start(database);
        var list = await client.GetStringAsync(new Uri(await again.AddressAsync(Cancel), "/products/by-category/1"), Cancel);
        Assert.DoesNotContain("\"id\":3", list, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1", "Failed to connect to 127.0.0.1:1")]
    [InlineData("Server=127.0.0.1;Colour=blue", "its part 2 is no setting of PostgreSQL, has no value that it takes, or occurs twice")]
    [InlineData("Host=127.0.0.1;Port={port};Database=nowhere;Username=shop;Password=tulip", "3D000: database \"nowhere\" does not exist")]
    [InlineData("Host=127.0.0.1;Port={port};Database=postgres;Username=shop;Password=rose", "28P01: password authentication failed for user \"shop\"")]
    public async Task An_unreachable_database_ends_the_process_with_one_sentence_and_exit_code_one(string connection, string reason)
    {
        await using var shop = Start(connection.Replace("{port}", server.Port.ToString(), StringComparison.Ordinal));
        var (code, error, output) = await shop.EndAsync(Cancel);
        Assert.Equal(1, code);
        Assert.Equal($"The shop cannot open its database: check the setting ConnectionStrings:Shop ({reason}).", error.Trim());
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    private ShopProcess Start(string database) => ShopProcess.Start(_folder.Path, "--urls", "http://127.0.0.1:0", $"--ConnectionStrings:Shop={database}");
}
