using Dapper;
using Npgsql;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

/// <summary>Load program on a cluster over PostgreSQL, with one writer for each product, until the test ends it.</summary>
internal sealed class RunningLoad : IAsyncDisposable
{
    private const string Products = "11";

    private readonly CancellationTokenSource _end = new();
    private readonly Task<(int Code, string Output, string Error)> _report;
    private readonly string _database;

    public RunningLoad(string database, ShopNode[] nodes, ShopNode worker)
    {
        _database = database;
        _report = Task.Run(() => LoadGeneratorTests.RunAsync(
            _end.Token,
            ["--nodes", string.Join(',', nodes.Select(static node => node.Address)), "--worker", worker.Address.ToString(), "--seconds", "60", "--readers", "4", "--writers", Products, "--pause", "200", "--rounds", "0"]));
    }

    /// <summary>
    /// Waits until the load has written every product this many times. The database is queried: the load itself judges whether the servers show the
    /// writes.
    /// </summary>
    public async Task WritesGoOnAsync(string when, int times)
    {
        var before = await CentsAsync();
        await Eventually.TrueAsync($"every product is written {when}", async () =>
        {
            Assert.False(_report.IsCompleted, "the load has ended");
            return (await CentsAsync()).Zip(before).All(cents => cents.First >= cents.Second + times);
        });
    }

    /// <summary>Ends the load and returns its report.</summary>
    public async Task<string> EndAsync()
    {
        await _end.CancelAsync();
        var (code, output, error) = await _report;
        Assert.True((code, error) == (0, ""), $"{code} {error}\n{output}");
        Assert.Contains("\n0 stale of ", output, StringComparison.Ordinal);
        return output;
    }

    /// <summary>Returns the prices in the database.</summary>
    public async Task<List<long>> CentsAsync()
    {
        await using var connection = new NpgsqlConnection($"{_database};Pooling=False");
        return (await connection.QueryAsync<long>("SELECT price_in_cents FROM products ORDER BY id")).AsList();
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _report;
        _end.Dispose();
    }
}
