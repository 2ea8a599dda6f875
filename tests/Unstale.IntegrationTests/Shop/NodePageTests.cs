using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Unstale.IntegrationTests.Support;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Unstale.IntegrationTests.Shop;

/// <summary>Comparison of the nodes on the page.</summary>
public sealed partial class NodePageTests(Browser browser) : ShopTest(null), IClassFixture<Browser>
{
    [Fact]
    public async Task A_write_by_Enter_leaves_the_plain_cache_of_the_other_node_stale_and_both_nodes_of_Unstale_true()
    {
        var page = await OpenAsync();
        await Expect(page.Locator("#count-Unstale")).ToHaveTextAsync(NoneStale());
        await Expect(page.Locator("#count-HybridCache")).ToHaveTextAsync(NoneStale());
        await page.GetByLabel("New price", new() { Exact = true }).FillAsync("5");
        await page.GetByLabel("New price", new() { Exact = true }).PressAsync("Enter");
        await Expect(page.Locator("#written")).ToHaveTextAsync("Version 3 was written on node A.");
        foreach (var card in (string[])["Unstale-a", "Unstale-b", "HybridCache-a"])
        {
            await Expect(page.Locator($"#card-{card}")).ToContainTextAsync("5.00");
            await Expect(page.Locator($"#card-{card}")).ToContainTextAsync("up to date");
            await Expect(page.Locator($"#card-{card}")).ToContainTextAsync("old value gone within 0.0 ms");
        }

        Advance(14);
        await Expect(page.Locator("#card-HybridCache-b")).ToContainTextAsync("999.99");
        await Expect(page.Locator("#card-HybridCache-b")).ToContainTextAsync("14.0 s out of date");
        await Expect(page.Locator("#verdict")).ToHaveTextAsync("HybridCache: 14.0 s old · Unstale: 0 s old");
        await Expect(page.Locator("#truth")).ToHaveTextAsync("Database: Laptop · 5.00 · version 3 · written 14.0 s ago");
        await Expect(page.Locator("#count-HybridCache")).ToHaveTextAsync(SomeStale());
        await Expect(page.Locator("#count-Unstale")).ToHaveTextAsync(NoneStale());
        await page.GetByRole(AriaRole.Button, new() { Name = "Write on node B" }).ClickAsync();
        await Expect(page.Locator("#written")).ToHaveTextAsync("Version 4 was written on node B.");
        await Expect(page.Locator("#card-HybridCache-a")).ToContainTextAsync("out of date");
        await Expect(page.Locator("#card-HybridCache-b")).ToContainTextAsync("4.00");
    }

    [Fact]
    public async Task A_reset_returns_the_counts_to_zero()
    {
        var page = await OpenAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Write past all caches" }).ClickAsync();
        await Expect(page.Locator("#count-Unstale")).ToHaveTextAsync(SomeStale());
        await page.GetByRole(AriaRole.Button, new() { Name = "Write on node A" }).ClickAsync();
        await Expect(page.Locator("#card-Unstale-b")).ToContainTextAsync("up to date");
        await page.GetByRole(AriaRole.Button, new() { Name = "Reset counts" }).ClickAsync();
        await Expect(page.Locator("#count-Unstale")).ToHaveTextAsync(NoneStale());
    }

    [Fact]
    public async Task After_a_write_past_all_caches_each_strategy_shows_how_long_it_is_stale()
    {
        var page = await OpenAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Write past all caches" }).ClickAsync();
        await Expect(page.Locator("#written")).ToHaveTextAsync("Version 3 was written past all caches.");
        Advance(10);
        foreach (var (strategy, possible) in ((string, string)[])
            [("TTL", "60.0 s"), ("Explicit", "3600 s"), ("Write-through", "300 s"), ("Events", "600 s"), ("Stale while revalidate", "120 s"), ("Tags", "300 s"), ("Production", "300 s")])
        {
            await Expect(Measured(page, strategy)).ToContainTextAsync($"Astale for 10.0 s so far, {possible} possible");
            await Expect(Measured(page, strategy)).ToContainTextAsync($"Bstale for 10.0 s so far, {possible} possible");
        }

        Advance(50);
        await Expect(Measured(page, "TTL")).ToContainTextAsync("was stale for 10.0 s, gone within 60.0 s");
        await Expect(Measured(page, "Events")).ToContainTextAsync("stale for 60.0 s so far, 600 s possible");
    }

    [Fact]
    public async Task After_a_write_through_the_shop_no_strategy_is_stale_and_write_through_is_warm_on_the_node_that_wrote()
    {
        var page = await OpenAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Write on node A" }).ClickAsync();
        foreach (var strategy in (string[])["TTL", "Explicit", "Write-through", "Events", "Stale while revalidate", "Tags", "Production"])
            await Expect(Measured(page, strategy)).ToContainTextAsync("never stale, true within 0.0 ms (load)");

        await page.GetByRole(AriaRole.Button, new() { Name = "PUT, Write-through" }).ClickAsync();
        await Expect(Measured(page, "Write-through")).ToContainTextAsync("Anever stale, true within 0.0 ms (memory)");
        await Expect(Measured(page, "Write-through")).ToContainTextAsync("Bnever stale, gone within 0.0 ms");
        await Expect(Measured(page, "TTL")).ToContainTextAsync("Anever stale, gone within 0.0 ms");
    }

    [Fact]
    public async Task A_refused_write_shows_its_reason_until_the_next_write()
    {
        var page = await OpenAsync();
        await page.GetByLabel("New price", new() { Exact = true }).FillAsync("-1");
        await page.GetByRole(AriaRole.Button, new() { Name = "Write on node B" }).ClickAsync();
        await Expect(page.Locator("#written")).ToHaveTextAsync("400: The price is -1; it cannot be negative.");
        Advance(1);
        await page.WaitForResponseAsync(static response => response.Url.EndsWith("/nodes/products/1", StringComparison.Ordinal));
        await Expect(page.Locator("#written")).ToHaveTextAsync("400: The price is -1; it cannot be negative.");
        await page.GetByLabel("Product", new() { Exact = true }).FillAsync("999");
        await Expect(page.Locator("#truth")).ToHaveTextAsync("404: Product not found");
        await page.Context.SetOfflineAsync(true);
        await page.GetByRole(AriaRole.Button, new() { Name = "Write on node B" }).ClickAsync();
        await Expect(page.Locator("#written")).ToHaveTextAsync("The shop cannot be reached.");
    }

    [Fact]
    public async Task A_text_of_a_user_is_shown_as_text()
    {
        const string Name = "<img src=x onerror=alert(1)>";
        var page = await OpenAsync();
        page.Dialog += static (_, dialog) => throw new InvalidOperationException(dialog.Message);
        await page.GetByLabel("New name", new() { Exact = true }).FillAsync(Name);
        await page.GetByLabel("Customer", new() { Exact = true }).FillAsync(Name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Write on node A" }).ClickAsync();
        await Expect(page.Locator("#truth")).ToContainTextAsync(Name);
        await page.GetByRole(AriaRole.Button, new() { Name = "GET all" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status, new() { Name = "Answer, TTL", Exact = true })).ToContainTextAsync(Name);
        await page.GetByLabel("Customer", new() { Exact = true }).PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Status, new() { Name = "Answer, Orders", Exact = true })).ToContainTextAsync($"#1 {Name}: 1 × {Name}");
        await Expect(page.Locator("img")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_delete_that_is_not_confirmed_deletes_nothing()
    {
        var page = await OpenAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "DELETE, Explicit" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog).ToContainTextAsync("DELETE /products/explicit/1: this cannot be undone.");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(dialog).ToBeHiddenAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "DELETE, Explicit" }).ClickAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(dialog).ToBeHiddenAsync();
        await ReadsAsync("/products/explicit/1", 999.99m, cached: false);
    }

    [Fact]
    public async Task The_focus_of_the_keyboard_is_visible()
    {
        var page = await OpenAsync();
        await page.GetByLabel("Product", new() { Exact = true }).FocusAsync();
        for (var tabs = 0; tabs < 12; tabs++)
        {
            await page.Keyboard.PressAsync("Tab");
            var outline = await page.EvaluateAsync<string>("(s => s.outlineStyle + ' ' + s.outlineWidth)(getComputedStyle(document.activeElement))");
            Assert.Equal("solid 3px", outline);
        }
    }

    [GeneratedRegex(@"^0 stale of \d+ answers$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NoneStale();

    [GeneratedRegex(@"^[1-9]\d* stale of \d+ answers$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SomeStale();

    private static ILocator Measured(IPage page, string strategy) =>
        page.GetByRole(AriaRole.Group, new() { Name = $"Measured on nodes A and B, {strategy}", Exact = true });

    private async Task<IPage> OpenAsync()
    {
        var page = await browser.OpenAsync(Client.BaseAddress!);
        await page.GotoAsync("/");
        await Expect(page.Locator("#truth")).ToContainTextAsync("Database: Laptop");
        return page;
    }
}
