using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Unstale.IntegrationTests.Packaging;
using Unstale.IntegrationTests.Support;
using Unstale.Redis;
using Xunit;
using static Microsoft.Playwright.Assertions;
using Repository = Unstale.Tests.Support.Repository;

namespace Unstale.IntegrationTests.Site;

/// <summary>The pages and the API reference as a site, read as files and in a browser.</summary>
[Collection<PackagingCollection>]
public sealed partial class SiteTests(BuiltSite site, Browser browser) : IClassFixture<BuiltSite>, IClassFixture<Browser>
{
    private const string Summary = "that never serves an invalidated value.";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_page_of_the_documentation_and_each_public_type_has_a_page()
    {
        Assert.All(
            Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md").Select(static file => Path.GetFileNameWithoutExtension(file)),
            name => Assert.True(File.Exists(Path.Combine(site.Folder, "docs", $"{(name == "README" ? "index" : name)}.html")), name));
        Assert.All(
            typeof(UnstaleCache).Assembly.GetExportedTypes().Concat(typeof(RedisOptions).Assembly.GetExportedTypes()).Where(static type => !type.IsNested),
            type => Assert.True(File.Exists(Path.Combine(site.Folder, "api", $"{type.FullName!.Replace('`', '-')}.html")), type.FullName));
        Assert.Contains(Summary, await File.ReadAllTextAsync(Path.Combine(site.Folder, "api", "Unstale.UnstaleCache.html"), Stop), StringComparison.Ordinal);
        Assert.Contains("When data changes", await File.ReadAllTextAsync(Path.Combine(site.Folder, "index.html"), Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_index_of_the_search_contains_the_pages_and_the_types()
    {
        using var index = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(site.Folder, "index.json"), Stop));
        Assert.Contains("The log is the clock", index.RootElement.GetProperty("docs/concepts.html").GetProperty("summary").GetString(), StringComparison.Ordinal);
        Assert.Contains("UnstaleCache", index.RootElement.GetProperty("api/Unstale.UnstaleCache.html").GetProperty("title").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_link_inside_the_site_leads_to_a_file_and_a_heading_of_it()
    {
        var pages = Directory.GetFiles(site.Folder, "*.html", SearchOption.AllDirectories).ToDictionary(static file => file, File.ReadAllText);
        var links =
            from page in pages
            from Match link in Link().Matches(page.Value)
            let target = Uri.UnescapeDataString(link.Groups["file"].Value)
            let file = target.Length == 0 ? page.Key : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(page.Key)!, target))
            let heading = link.Groups["heading"].Value
            select (Page: Path.GetRelativePath(site.Folder, page.Key), Link: link.Value, File: file, Heading: heading);
        var checkedLinks = links.Distinct().ToList();
        Assert.InRange(checkedLinks.Count, 1_000, int.MaxValue);
        Assert.DoesNotContain(checkedLinks, one => !File.Exists(one.File)
            || (one.Heading.Length > 0 && pages.TryGetValue(one.File, out var text) && !text.Contains($"id=\"{one.Heading}\"", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_reader_opens_a_page_of_the_reference_searches_and_switches_to_another_version()
    {
        var page = await browser.OpenAsync(site.Address);
        await page.GotoAsync("/"); // the newest version
        await Expect(page).ToHaveURLAsync(new Uri(site.Address, $"{Path.GetFileName(site.Folder)}/index.html").ToString());
        await Expect(page.Locator("h1")).ToHaveTextAsync("Unstale");
        await Expect(page.Locator("footer")).ToContainTextAsync("Microsoft.Extensions.Caching.Abstractions 11.0");

        await page.GotoAsync($"/{Path.GetFileName(site.Folder)}/api/Unstale.UnstaleCache.html");
        await Expect(page.Locator("article")).ToContainTextAsync(Summary);

        // The page enables the box once a worker of the browser has built the index.
        var query = page.Locator("#search-query");
        await Expect(query).ToBeEnabledAsync(new() { Timeout = 60_000 });
        await query.FillAsync("UnstaleCache");
        await Expect(page.Locator("#search-results")).ToContainTextAsync("Class UnstaleCache", new() { Timeout = 30_000 });

        var versions = page.Locator("#version");
        await Expect(versions.Locator("option")).ToHaveTextAsync([await VersionAsync(), "0.0.9"]);
        await versions.SelectOptionAsync(BuiltSite.OlderVersion);
        await Expect(page.Locator("h1")).ToHaveTextAsync("The older version");
    }

    private async Task<string> VersionAsync() => (await File.ReadAllTextAsync(Path.Combine(site.Folder, "version.txt"), Stop)).Trim();

    [GeneratedRegex("""(href|src)="(?!https?:|mailto:|data:|//)(?<file>[^"#?]*)(\?[^"#]*)?(#(?<heading>[^"]*))?["]""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Link();
}
