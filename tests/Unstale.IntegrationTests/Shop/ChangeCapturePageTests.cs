using Microsoft.Playwright;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.IntegrationTests.Support;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Unstale.IntegrationTests.Shop;

/// <summary>Page of a shop that reads the changes of other programs from the write-ahead log of PostgreSQL.</summary>
[Collection<PostgresCollection>]
public sealed class ChangeCapturePageTests(PostgresServer server, Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task A_price_that_psql_changes_is_seen_by_the_nodes_of_Unstale_and_not_by_plain_caches()
    {
        using var folder = new TemporaryFolder();
        var database = await server.CreateDatabaseAsync();
        await using var shop = await ShopNode.StartAsync(folder.Path, redis: "", database, address: null, OverEntityFramework.Argument, "--Shop:ChangeCapture=true");
        var page = await browser.OpenAsync(shop.Address);
        await page.GotoAsync("/");
        await Expect(page.GetByText("Unstale reads it from the write-ahead log of PostgreSQL")).ToBeVisibleAsync();
        await ShowsAsync(page, "Unstale", "999.99", "up to date");
        await ShowsAsync(page, "HybridCache", "999.99", "up to date");

        await PostgresServer.PsqlAsync(database, "UPDATE products SET price_in_cents = 49900 WHERE id = 1");
        await ShowsAsync(page, "Unstale", "499.00", "up to date");
        await ShowsAsync(page, "HybridCache", "999.99", "out of date");
        await Expect(page.Locator("#truth")).ToContainTextAsync("Database: Laptop · 499.00 · version 3");

        await page.GetByLabel("New price", new() { Exact = true }).FillAsync("5");
        await page.GetByRole(AriaRole.Button, new() { Name = "Write past all caches" }).ClickAsync();
        await ShowsAsync(page, "Unstale", "5.00", "up to date");
        await ShowsAsync(page, "HybridCache", "999.99", "out of date");
    }

    private static async Task ShowsAsync(IPage page, string cache, string price, string state)
    {
        foreach (var node in (string[])["a", "b"])
        {
            await Expect(page.Locator($"#card-{cache}-{node} .price")).ToHaveTextAsync(price);
            await Expect(page.Locator($"#card-{cache}-{node}")).ToContainTextAsync(state);
        }
    }
}
