using System.Data.Common;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Data.Sqlite;
using Npgsql;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.IntegrationTests.Support;
using Unstale.Queries;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

/// <summary>Base of tests with a running shop over a new SQLite file or a new database of the server, and helpers for requests.</summary>
public abstract class ShopTest(PostgresServer? postgres, string data = "Dapper") : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private ShopHost? _host;
    private HttpClient? _client;
    private string _database = "";

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected HttpClient Client => _client!;

    private protected FaultySource Source => _host!.Source;

    private protected IReadOnlyList<UnstaleCache> Nodes => _host!.Nodes;

    private protected IDomainEvents Events => _host!.Events;

    public async ValueTask InitializeAsync()
    {
        _database = postgres is null ? $"Data Source={_folder.File("shop.db")}" : await postgres.CreateDatabaseAsync();
        _host = await ShopHost.StartAsync(_database, data: data);
        _client = new HttpClient { BaseAddress = _host.Address };
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_host is not null)
            await _host.DisposeAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected void Advance(int seconds) => _host!.Clock.Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>Starts another shop over the same database.</summary>
    private protected Task<ShopHost> StartAnotherAsync(string environment = "Development") => ShopHost.StartAsync(_database, environment, data);

    /// <summary>Writes to the database without notifying a cache.</summary>
    protected async Task ChangeBehindTheCacheAsync(string sql)
    {
        await using var connection = Connect();
        await connection.ExecuteAsync(sql);
    }

    protected async Task<T> QueryAsync<T>(string sql)
    {
        await using var connection = Connect();
        return (await connection.ExecuteScalarAsync<T>(sql))!;
    }

    protected async Task<JsonNode> GetAsync(string path) => (await GetAnswerAsync(path)).Body!;

    protected async Task<Answer> GetAnswerAsync(string path) => await Answer.ReadAsync(await Client.GetAsync(new Uri(path, UriKind.Relative), Cancel));

    protected Task<Answer> PutAsync(string path, object body) => SendAsync(HttpMethod.Put, path, JsonContent.Create(body));

    protected Task<Answer> PostAsync(string path, object body) => SendAsync(HttpMethod.Post, path, JsonContent.Create(body));

    protected Task<Answer> PutTextAsync(string path, string body) =>
        SendAsync(HttpMethod.Put, path, new StringContent(body, Encoding.UTF8, "application/json"));

    protected async Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        return await Answer.ReadAsync(await Client.SendAsync(request, Cancel));
    }

    /// <summary>Asserts the price returned for the product, and whether it was served from a cache.</summary>
    protected async Task ReadsAsync(string path, decimal price, bool cached)
    {
        var product = await GetAsync(path);
        Assert.Equal((price, cached), ((decimal)product["price"]!, (bool)product["cached"]!));
    }

    private DbConnection Connect() =>
        postgres is null ? new SqliteConnection($"{_database};Pooling=False") : new NpgsqlConnection($"{_database};Pooling=False");
}
