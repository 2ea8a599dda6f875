using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

/// <summary>The load program at work on a cluster, until the test has seen enough.</summary>
internal sealed class RunningLoad : IAsyncDisposable
{
    private const int Products = 11;

    private readonly CancellationTokenSource _end = new();
    private readonly Task<(int Code, string Output, string Error)> _report;

    public RunningLoad(ShopNode[] nodes, ShopNode worker) => _report = Task.Run(() => LoadTests.RunAsync(
        _end.Token,
        ["--nodes", string.Join(',', nodes.Select(static node => node.Address)), "--worker", worker.Address.ToString(), "--seconds", "60", "--readers", "4", "--writers", Products.ToString(), "--pause", "200", "--rounds", "0"]));

    /// <summary>Waits until the load has written every product once more, and this server shows it.</summary>
    public async Task WritesGoOnAsync(string when, ShopNode server, string path)
    {
        var before = await PricesAsync(server, path);
        await Eventually.TrueAsync($"every product is written {when} and shown under {path}", async () =>
        {
            Assert.False(_report.IsCompleted, "the load has ended");
            return (await PricesAsync(server, path)).Zip(before).All(static price => price.First > price.Second);
        });
    }

    /// <summary>Ends it and returns what it reported.</summary>
    public async Task<string> EndAsync()
    {
        await _end.CancelAsync();
        var (code, output, error) = await _report;
        Assert.True((code, error) == (0, ""), $"{code} {error}\n{output}");
        Assert.Contains("\n0 stale of ", output, StringComparison.Ordinal);
        return output;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _report;
        _end.Dispose();
    }

    private static async Task<List<decimal>> PricesAsync(ShopNode server, string path)
    {
        var prices = new List<decimal>();
        for (var id = 1; id <= Products; id++)
            prices.Add(await server.PriceAsync($"{path}/{id}"));
        return prices;
    }
}
