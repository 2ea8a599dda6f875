using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Unstale.IntegrationTests.Redis;
using Unstale.IntegrationTests.Support;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Unstale.IntegrationTests.Shop;

public sealed partial class PageTests(Browser browser) : ShopTest(null), IClassFixture<Browser>
{
    /// <summary>Finds controls that are smaller than a fingertip.</summary>
    private const string SmallTargets =
        "[...document.querySelectorAll('button, input, a')].filter(e => e.offsetParent && (e.offsetHeight < 44 || e.offsetWidth < 44)).map(e => e.outerHTML)";

    private static readonly string[] Strategies =
        ["TTL", "Explicit", "Write-through", "Events", "Stale while revalidate", "Tags", "Production"];

    private readonly ConcurrentQueue<string> _complaints = [];

    [Fact]
    public async Task The_page_loads_without_an_error_and_calls_no_other_host()
    {
        var page = await OpenAsync();
        await Expect(page.GetByText("not in the cache")).ToHaveCountAsync(7);
        await Expect(page.GetByText("No request was sent yet.")).ToBeVisibleAsync();
        Assert.Empty(_complaints);
    }

    [Theory]
    [InlineData("TTL", "GET", 60)]
    [InlineData("Explicit", "GET", 3600)]
    [InlineData("Write-through", "GET", 300)]
    [InlineData("Events", "GET", 600)]
    [InlineData("Stale while revalidate", "GET", 120)]
    [InlineData("Tags", "GET", 300)]
    [InlineData("Production", "GET", 300)]
    [InlineData("Events", "GET in the cart", null)]
    public async Task A_click_shows_the_product_loaded_first_and_then_from_the_cache(string strategy, string call, int? seconds)
    {
        var page = await OpenAsync();
        await ClickAsync(page, call, strategy);
        await Expect(Said(page, strategy)).ToContainTextAsync("Laptop 999.99");
        await Expect(Said(page, strategy)).ToContainTextAsync("cached: false (load)");
        await Expect(page.Locator("#answer")).ToContainTextAsync("\"cached\": false");
        await ClickAsync(page, call, strategy);
        await Expect(Said(page, strategy)).ToContainTextAsync("cached: true (memory)");
        await Expect(page.Locator("#answer")).ToContainTextAsync("\"cached\": true");
        if (seconds is { } life)
        {
            // The page counts down by its own clock, while the clock of the shop is stopped.
            var left = await page.Locator("article", new() { Has = Said(page, strategy) }).Locator(".key").TextContentAsync();
            Assert.InRange(int.Parse(Number().Match(left!).Value), life - 60, life);
        }

        Assert.Empty(_complaints);
    }

    [Theory]
    [InlineData("Write-through", "Desk 4.20")]
    [InlineData("Events", "Product updated and event published")]
    [InlineData("Production", "Product updated using production strategy")]
    public async Task A_put_shows_the_new_price_in_all_strategies(string strategy, string answer)
    {
        var page = await OpenAsync();
        await GetAllAsync(page, "Laptop 999.99");
        await page.GetByLabel("New name", new() { Exact = true }).FillAsync("Desk");
        await page.GetByLabel("New price", new() { Exact = true }).FillAsync("4.20");
        await ClickAsync(page, "PUT", strategy);
        await Expect(Said(page, strategy)).ToContainTextAsync(answer);
        await Expect(page.GetByText("read before the last write")).ToHaveCountAsync(6);
        await GetAllAsync(page, "Desk 4.20");
        await Expect(page.GetByText("read before the last write")).ToHaveCountAsync(0);
        Assert.Empty(_complaints);
    }

    [Fact]
    public async Task A_click_on_why_explains_a_key()
    {
        var page = await OpenAsync();
        await ClickAsync(page, "Why", "Production");
        await Expect(Said(page, "Production")).ToContainTextAsync("'product:production:1' is not cached: no removed value is recorded.");
        await ClickAsync(page, "GET", "Production");
        await ClickAsync(page, "Why", "Production");
        await Expect(Said(page, "Production")).ToContainTextAsync("'product:production:1' is live");
        await ClickAsync(page, "PUT", "Write-through");
        await Expect(Said(page, "Write-through")).ToContainTextAsync("Laptop");
        await ClickAsync(page, "Why", "Production");
        await Expect(Said(page, "Production")).ToContainTextAsync("because of 'Update product 1'");
        await Expect(page.Locator("#answer")).ToContainTextAsync("\"what\": \"tag 'product:1'\"");
        Assert.Empty(_complaints);
    }

    [Fact]
    public async Task In_production_the_page_works_and_shows_nothing_of_the_cache()
    {
        await using var production = await StartAnotherAsync("Production");
        var page = await OpenAsync(production.Address);
        await GetAllAsync(page, "Laptop 999.99");
        await Expect(page.GetByRole(AriaRole.Button, new() { NameRegex = Why() })).ToHaveCountAsync(0);
        await Expect(page.GetByText("Why explains")).ToBeHiddenAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { NameRegex = WriteOn() })).ToHaveCountAsync(0);
        await Expect(page.GetByText("One write, two nodes")).ToBeHiddenAsync();
        await Expect(page.GetByText("not in the cache")).ToHaveCountAsync(0);
        Assert.Empty(_complaints);
    }

    [Fact]
    public async Task A_put_renames_a_category_under_the_tags_strategy()
    {
        var page = await OpenAsync();
        await page.GetByLabel("Category", new() { Exact = true }).FillAsync("2");
        await page.GetByLabel("New name", new() { Exact = true }).FillAsync("Printed matter");
        await ClickAsync(page, "PUT", "Tags");
        await Expect(Said(page, "Tags")).ToContainTextAsync("Category updated, all related products invalidated");
        await ClickAsync(page, "GET", "Tags");
        await Expect(page.Locator("#answer")).ToContainTextAsync("\"category_name\": \"Printed matter\"");
        Assert.Empty(_complaints);
    }

    [Fact]
    public async Task The_page_describes_a_deleted_product_and_an_empty_category_in_words()
    {
        var page = await OpenAsync();
        await page.GetByLabel("Product", new() { Exact = true }).FillAsync("11");
        await page.GetByLabel("Category", new() { Exact = true }).FillAsync("5");
        await DeleteAsync(page, "Explicit");
        await Expect(Said(page, "Explicit")).ToContainTextAsync("Product deleted and cache invalidated");
        await ClickAsync(page, "GET", "Production");
        await Expect(Said(page, "Production")).ToContainTextAsync("404: Product not found");
        await ClickAsync(page, "GET", "Tags");
        await Expect(Said(page, "Tags")).ToContainTextAsync("no products");
        await ClickAsync(page, "GET", "Tags");
        await Expect(Said(page, "Tags")).ToContainTextAsync("cached: true (memory)");
    }

    [Fact]
    public async Task An_order_is_in_the_list_at_once_until_it_is_cancelled()
    {
        var page = await OpenAsync();
        await ClickAsync(page, "List", "Orders");
        await Expect(Said(page, "Orders")).ToContainTextAsync("no orders");
        await ClickAsync(page, "List", "Orders");
        await Expect(Said(page, "Orders")).ToContainTextAsync("cached: true (memory)");
        await ClickAsync(page, "POST", "Orders");
        await Expect(Said(page, "Orders")).ToContainTextAsync("#1 Ann: 1 × Laptop");
        await ClickAsync(page, "POST", "Orders");
        await Expect(Said(page, "Orders")).ToContainTextAsync("#2 Ann: 1 × Laptop");
        await Expect(page.GetByLabel("Order", new() { Exact = true })).ToHaveValueAsync("2");
        await ClickAsync(page, "List of the customer", "Orders");
        await Expect(Said(page, "Orders")).ToContainTextAsync("#2 Ann: 1 × Laptop, #1 Ann: 1 × Laptop");
        await DeleteAsync(page, "Orders");
        await Expect(Said(page, "Orders")).ToContainTextAsync("Order cancelled");
        await ClickAsync(page, "List", "Orders");
        await Expect(Said(page, "Orders")).ToHaveTextAsync(OneOrder());
        Assert.Empty(_complaints);
    }

    [Theory]
    [InlineData("999", "", "404: Product not found")]
    [InlineData("", "", "There is nothing at /products/writethrough/.")]
    [InlineData("1.5", "", "400: The id '1.5' is not a whole number.")]
    [InlineData("1", "-1", "400: The price")]
    public async Task The_page_shows_the_reason_of_a_refused_write(string product, string price, string reason)
    {
        var page = await OpenAsync();
        await page.GetByLabel("Product", new() { Exact = true }).FillAsync(product);
        await page.GetByLabel("New price", new() { Exact = true }).FillAsync(price);
        await ClickAsync(page, "PUT", "Write-through");
        await Expect(Said(page, "Write-through")).ToContainTextAsync(reason);
        Assert.DoesNotContain(_complaints, static complaint => !complaint.StartsWith("Failed to load resource", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_page_describes_an_unavailable_shop_in_words()
    {
        var page = await OpenAsync();
        await page.Context.SetOfflineAsync(true);
        await ClickAsync(page, "GET", "TTL");
        await Expect(Said(page, "TTL")).ToContainTextAsync("The shop cannot be reached.");
        await Expect(page.GetByText("unknown")).ToHaveCountAsync(7);
        await Expect(page.Locator("#log")).ToHaveTextAsync("The log cannot be read: the shop cannot be reached.");
    }

    [Fact]
    public async Task An_answer_that_arrives_after_the_answer_of_a_later_request_is_not_shown()
    {
        var page = await browser.OpenAsync(Client.BaseAddress!);
        var early = new ConcurrentQueue<IRoute>();
        var isEarly = true;
        await page.RouteAsync("**/cache/stats/**", async route =>
        {
            if (Volatile.Read(ref isEarly))
                early.Enqueue(route);
            else
                await route.AbortAsync();
        });
        await page.GotoAsync("/");
        await Eventually.TrueAsync("the page has sent the requests of all strategies", () => Task.FromResult(early.Count == Strategies.Length));
        Volatile.Write(ref isEarly, false);
        await ClickAsync(page, "GET", "TTL");
        await Expect(page.GetByText("unknown")).ToHaveCountAsync(Strategies.Length);
        foreach (var route in early)
            await page.RunAndWaitForRequestFinishedAsync(() => route.FulfillAsync(new() { Json = new { exists = true, ttl = 60 } }));
        await page.WaitForTimeoutAsync(1_500); // the page shows the keys once a second
        Assert.Equal(Strategies.Length, await page.GetByText("unknown").CountAsync());
    }

    [Fact]
    public async Task The_page_shows_in_one_line_whether_the_log_is_trusted_before_during_and_after_an_outage()
    {
        using var folder = new TemporaryFolder();
        await using var redis = await RedisServer.StartAsync();
        await using var shop = await ShopNode.StartAsync(folder.Path, redis.EndPoint.ToString(), $"Data Source={folder.File("shop.db")}");
        await shop.HasHealthAsync("healthy", "connected");
        var page = await browser.OpenAsync(shop.Address);
        await page.GotoAsync("/");
        var log = page.Locator("#log");
        await Expect(log).ToHaveTextAsync(Trusted());
        await redis.StopAsync();
        await Expect(log).ToHaveTextAsync(NotTrusted());
        await redis.StartAgainAsync();
        await Expect(log).ToHaveTextAsync(Trusted());
    }

    [Fact]
    public async Task The_page_shows_at_once_that_a_write_was_applied()
    {
        var page = await OpenAsync();
        await Expect(page.Locator("#log")).ToHaveTextAsync(Trusted());
        await Expect(page.Locator("#log small")).ToHaveAttributeAsync("title", WholePosition());
        var before = await page.Locator("#log").TextContentAsync();
        await ClickAsync(page, "PUT", "Events");
        await Expect(page.Locator("#log")).Not.ToHaveTextAsync(before!);
        await Expect(page.Locator("#log")).ToHaveTextAsync(Trusted());
        Assert.Empty(_complaints);
    }

    [Fact]
    public async Task Everything_that_can_be_used_has_a_name_of_its_own()
    {
        var page = await OpenAsync();
        var controls = ControlLine().Matches(await page.Locator("main").AriaSnapshotAsync());
        var names = controls.Select(static line => line.Groups["name"].Value).ToList();
        Assert.All(names, static name => Assert.NotEqual("", name));
        Assert.Equal(names.Count, names.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(7, names.Count(static name => name.StartsWith("GET, ", StringComparison.Ordinal)));
        Assert.All(
            ["Product", "Category", "New name", "New price", "GET all", "Write on node A", "Write on node B", "Write past all caches", "Reset counts", "Order it", "1. TTL", "DELETE, Explicit", "Answer, TTL", "Quantity", "POST, Orders"],
            expected => Assert.Contains(expected, names));
    }

    [Theory]
    [InlineData(360, ColorScheme.Light)]
    [InlineData(360, ColorScheme.Dark)]
    [InlineData(1100, ColorScheme.Light)]
    [InlineData(1100, ColorScheme.Dark)]
    public async Task The_page_fits_its_window_and_follows_the_chosen_colours(int width, ColorScheme colors)
    {
        var page = await OpenAsync(width, colors);
        await GetAllAsync(page, "Laptop 999.99");
        Assert.InRange(await page.EvaluateAsync<int>("document.documentElement.scrollWidth"), 1, width);
        var small = await page.EvaluateAsync<string[]>(SmallTargets);
        Assert.Empty(small);
        var dark = await page.EvaluateAsync<bool>("/^rgb\\((\\d|[1-9]\\d),/.test(getComputedStyle(document.querySelector('pre')).backgroundColor)");
        Assert.Equal(colors == ColorScheme.Dark, dark);
        Assert.Empty(_complaints);
    }

    [GeneratedRegex("^Write", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WriteOn();

    [GeneratedRegex("^Why", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Why();

    [GeneratedRegex(@"\d+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Number();

    [GeneratedRegex(@"^#1 Ann: 1 × Laptop\s*cached: false \(load\)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OneOrder();

    [GeneratedRegex("""- (?<role>button|link|spinbutton|textbox|article|status|group|region)(?: "(?<name>[^"]*)")?""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ControlLine();

    [GeneratedRegex("^partition 0, generation [0-9a-f]{32}, sequence \\d+$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WholePosition();

    [GeneratedRegex("^Log: trusted · position \\d+ · confirmed \\d+ ms ago$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Trusted();

    [GeneratedRegex(
        "^Log: not trusted, so reads go to the database · position \\d+ · confirmed [1-9]\\d{3,} ms ago · Redis unreachable$",
        RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NotTrusted();

    private static ILocator Said(IPage page, string strategy) =>
        page.GetByRole(AriaRole.Status, new() { Name = $"Answer, {strategy}", Exact = true });

    private static Task ClickAsync(IPage page, string call, string strategy) =>
        page.GetByRole(AriaRole.Button, new() { Name = $"{call}, {strategy}", Exact = true }).ClickAsync();

    private static async Task DeleteAsync(IPage page, string strategy)
    {
        await ClickAsync(page, "DELETE", strategy);
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete", Exact = true }).ClickAsync();
    }

    private static async Task GetAllAsync(IPage page, string expected)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "GET all" }).ClickAsync();
        foreach (var strategy in Strategies)
            await Expect(Said(page, strategy)).ToContainTextAsync(expected);
    }

    private Task<IPage> OpenAsync(int width = 1100, ColorScheme colors = ColorScheme.Light) => OpenAsync(Client.BaseAddress!, width, colors);

    private async Task<IPage> OpenAsync(Uri address, int width = 1100, ColorScheme colors = ColorScheme.Light)
    {
        var page = await browser.OpenAsync(address, width, colors);
        page.Console += (_, message) => Complain(message.Type is "error" or "warning", message.Text);
        page.PageError += (_, error) => Complain(true, error);
        page.Request += (_, request) => Complain(!address.IsBaseOf(new Uri(request.Url)), "asked " + request.Url);
        await page.GotoAsync("/");
        return page;
    }

    private void Complain(bool complains, string complaint)
    {
        if (complains)
            _complaints.Enqueue(complaint);
    }
}
