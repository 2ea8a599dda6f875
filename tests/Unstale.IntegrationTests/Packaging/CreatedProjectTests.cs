using System.Net;
using Unstale.IntegrationTests.Redis;
using Unstale.IntegrationTests.Shop;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Packaging;

/// <summary>Programs built from the packages, started as their users would.</summary>
[Collection<PackagingCollection>]
public sealed class CreatedProjectTests(CreatedProjects projects) : IClassFixture<CreatedProjects>, IAsyncLifetime
{
    private readonly HttpClient _client = new();
    private RedisServer _redis = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _redis = await RedisServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task The_getting_started_program_built_from_the_packages_shows_a_written_price()
    {
        await using var program = await StartAsync(CreatedProjects.GettingStarted, $"--Redis={_redis.EndPoint}");
        Assert.Contains("34.95, load ", await _client.GetStringAsync(new Uri("prices/4", UriKind.Relative), Stop), StringComparison.Ordinal);
        await PutAsync("prices/4?price=29.95");
        Assert.Contains("29.95, load ", await _client.GetStringAsync(new Uri("prices/4", UriKind.Relative), Stop), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(CreatedProjects.WithoutRedis)]
    [InlineData(CreatedProjects.WithRedis)]
    public async Task A_project_of_the_template_reads_writes_and_reports_its_health(string project)
    {
        await using var program = await StartAsync(project, $"--ConnectionStrings:redis={_redis.EndPoint}");
        Assert.Equal("""{"id":4,"name":"Lamp","price":34.95}""", await _client.GetStringAsync(new Uri("products/4", UriKind.Relative), Stop));
        await PutAsync("products/4?price=29.95");
        Assert.Equal("""{"id":4,"name":"Lamp","price":29.95}""", await _client.GetStringAsync(new Uri("products/4", UriKind.Relative), Stop));
        await Eventually.TrueAsync($"{project} is healthy", async () => await _client.GetStringAsync(new Uri("health", UriKind.Relative), Stop) == "Healthy");
        using var missing = await _client.GetAsync(new Uri("products/5", UriKind.Relative), Stop);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    private async Task<ShopProcess> StartAsync(string project, string setting)
    {
        var process = ShopProcess.StartAssembly(projects.ProgramOf(project), projects.FolderOf(project), ["--urls", "http://127.0.0.1:0", setting]);
        _client.BaseAddress = await process.AddressAsync(Stop);
        return process;
    }

    private async Task PutAsync(string path)
    {
        using var response = await _client.PutAsync(new Uri(path, UriKind.Relative), content: null, Stop);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {response.StatusCode}");
    }
}
