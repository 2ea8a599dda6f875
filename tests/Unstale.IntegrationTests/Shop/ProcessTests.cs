using Dapper;
using Microsoft.Data.Sqlite;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

public sealed class ProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Processes_that_start_at_once_over_one_file_seed_it_once()
    {
        await using var first = Start();
        await using var second = Start();
        await using var third = Start();
        using var client = new HttpClient();
        foreach (var shop in new[] { first, second, third })
        {
            var address = await shop.AddressAsync(Cancel);
            var list = await client.GetStringAsync(new Uri(address, "/products/by-category/1"), Cancel);
            Assert.Contains("\"id\":3", list, StringComparison.Ordinal);
        }

        await using var connection = new SqliteConnection($"Data Source={_folder.File("shop.db")};Pooling=False");
        Assert.Equal(11, await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM products"));
        Assert.Equal("wal", await connection.ExecuteScalarAsync<string>("PRAGMA journal_mode"));
    }

    [Fact]
    public async Task Writes_survive_a_restart_and_the_database_is_not_seeded_again()
    {
        using var client = new HttpClient();
        await using (var shop = Start())
        {
            using var answer = await client.DeleteAsync(new Uri(await shop.AddressAsync(Cancel), "/products/explicit/3"), Cancel);
            answer.EnsureSuccessStatusCode();
        }

        await using var again = Start();
        var list = await client.GetStringAsync(new Uri(await again.AddressAsync(Cancel), "/products/by-category/1"), Cancel);
        Assert.DoesNotContain("\"id\":3", list, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Data Source=/nowhere/at/all/shop.db", "SQLite Error 14: 'unable to open database file'")]
    [InlineData("Data Source=:memory:", "it has to name a file, as in 'Data Source=shop.db'")]
    [InlineData("Colour=blue", "its part 1 is no setting of SQLite, has no value that it takes, or occurs twice")]
    public async Task An_invalid_connection_string_ends_the_process_with_one_sentence_and_exit_code_one(string connection, string reason)
    {
        await using var shop = ShopProcess.Start(_folder.Path, "--urls", "http://127.0.0.1:0", $"--ConnectionStrings:Shop={connection}");
        var (code, error, output) = await shop.EndAsync(Cancel);
        Assert.Equal(1, code);
        Assert.Equal($"The shop cannot open its database: check the setting ConnectionStrings:Shop ({reason}).", error.Trim());
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost:x", "its port is not a number from 1 to 65535")]
    [InlineData("redis://user@localhost", "the part before the '@' has no ':'. Write user:password@, or :password@ for the default user")]
    public async Task An_invalid_Redis_setting_ends_the_process_with_one_sentence_and_exit_code_one(string connection, string reason)
    {
        await using var shop = ShopProcess.Start(_folder.Path, "--urls", "http://127.0.0.1:0", $"--ConnectionStrings:Redis={connection}");
        var (code, error, output) = await shop.EndAsync(Cancel);
        Assert.Equal(1, code);
        Assert.Equal($"The shop cannot use Redis: check the setting ConnectionStrings:Redis (The Redis connection string is invalid: {reason}).", error.Trim());
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--Shop:DataAccess=NHibernate", "The setting Shop:DataAccess is 'NHibernate'. Allowed values: Dapper, EntityFrameworkCore.")]
    [InlineData("--Shop:DataAccess=", "The setting Shop:DataAccess is ''. Allowed values: Dapper, EntityFrameworkCore.")]
    [InlineData("--Shop:DataAccess=1", "The setting Shop:DataAccess is '1'. Allowed values: Dapper, EntityFrameworkCore.")]
    [InlineData("--Shop:ChangeCapture=on", "The setting Shop:ChangeCapture is 'on'. Allowed values: true, false.")]
    [InlineData("--Shop:ChangeCapture=true", "The setting Shop:ChangeCapture is 'true', which needs EntityFrameworkCore as value of the setting Shop:DataAccess.")]
    [InlineData("--Shop:ChangeCapture=true --Shop:DataAccess=entityframeworkcore", "The setting Shop:ChangeCapture is 'true', which needs PostgreSQL: name its host in the setting ConnectionStrings:Shop.")]
    public async Task A_setting_that_is_not_allowed_ends_the_process_with_its_name_and_the_allowed_values(string arguments, string reason)
    {
        await using var shop = ShopProcess.Start(_folder.Path, ["--urls", "http://127.0.0.1:0", .. arguments.Split(' ')]);
        var (code, error, _) = await shop.EndAsync(Cancel);
        Assert.Equal((1, $"The shop cannot start. {reason}"), (code, error.Trim()));
    }

    [Fact]
    public async Task An_address_in_use_ends_the_process_with_one_sentence_and_exit_code_one()
    {
        await using var first = Start();
        var taken = (await first.AddressAsync(Cancel)).GetLeftPart(UriPartial.Authority);
        await CannotListenAsync(taken, $"Failed to bind to address {taken}: address already in use");
    }

    [Theory]
    [InlineData("nonsense", "Invalid url: 'nonsense'")]
    [InlineData("http://127.0.0.1:99999", "Specified argument was out of the range of valid values. (Parameter 'port')")]
    public Task An_invalid_address_ends_the_process_with_one_sentence_and_exit_code_one(string address, string reason) => CannotListenAsync(address, reason);

    private async Task CannotListenAsync(string address, string reason)
    {
        await using var shop = ShopProcess.Start(_folder.Path, "--urls", address);
        var (code, error, output) = await shop.EndAsync(Cancel);
        Assert.Equal(1, code);
        Assert.Equal($"The shop cannot listen: choose another address with --urls ({reason}).", error.Trim());
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    private ShopProcess Start() => ShopProcess.Start(_folder.Path, "--urls", "http://127.0.0.1:0");
}
