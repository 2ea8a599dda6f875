using System.Text.RegularExpressions;
using Unstale.IntegrationTests.PostgreSql;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

public abstract partial class ClusterLoadTests(PostgresServer? postgres) : ClusterTest(postgres)
{
    [Fact]
    public async Task Two_nodes_under_load_show_nothing_stale_and_have_their_old_prices_afterwards()
    {
        var before = (await PricesAsync(), (await Here.GetAsync("/products/ttl/1"))["category_name"]);
        var (code, output, error) = await LoadGeneratorTests.RunAsync("--nodes", $"{Here.Address},{There.Address}", "--seconds", "3", "--readers", "8", "--rounds", "2");
        Assert.True((code, error) == (0, ""), $"{code} {error}\n{output}");
        Assert.Contains("\n0 stale of ", output, StringComparison.Ordinal);
        Assert.Contains(" 0 failed\n", output, StringComparison.Ordinal);
        Assert.True(double.Parse(HitRatio().Match(output).Value) > 10, output);
        Assert.True(int.Parse(Writes().Match(output).Value) > 2, output);
        foreach (var strategy in new[] { "TTL", "Explicit", "Write-through", "Event-based", "SWR", "Cache tags", "Production" })
            Assert.Matches($@"\n{strategy} +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+, [\d.]+\n", output);
        await WithinAsync(Delivery, "the old prices and the old name", async () =>
            (await PricesAsync()).SequenceEqual(before.Item1) && (await There.GetAsync("/products/ttl/1"))["category_name"] == before.Item2);
    }

    [GeneratedRegex(@"(?<=hit ratio )[\d.]+", RegexOptions.None, 1000)]
    private static partial Regex HitRatio();

    [GeneratedRegex(@"(?<=\nwrites +)\d+", RegexOptions.None, 1000)]
    private static partial Regex Writes();
}
