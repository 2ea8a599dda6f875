using Microsoft.Extensions.DependencyInjection;
using Unstale.IntegrationTests.Redis;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.AspNetCore;

/// <summary>Eviction of output cache pages by records of the log.</summary>
public sealed class OutputCacheTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_page_is_evicted_on_every_node_by_a_tag_that_one_of_them_invalidates()
    {
        await using var server = await RedisServer.StartAsync();
        await using var one = await PageApp.StartAsync(b => b.UseRedis(server.EndPoint.ToString()).AddOutputCacheSink());
        await using var two = await PageApp.StartAsync(b => b.UseRedis(server.EndPoint.ToString()).AddOutputCacheSink());
        foreach (var app in new[] { one, two })
        {
            await StaysAsync(app, "/products/7");
            await StaysAsync(app, "/products/8");
        }

        var other = await two.GetAsync("/products/8");
        var pages = await Task.WhenAll(one.GetAsync("/products/7"), two.GetAsync("/products/7"));
        await one.Cache.Invalidator.ChangedAsync("product", 7, cancellationToken: Stop);
        await Eventually.TrueAsync("the first node makes the page anew", async () => await one.GetAsync("/products/7") != pages[0]);
        await Eventually.TrueAsync("the second does too", async () => await two.GetAsync("/products/7") != pages[1]);
        Assert.Equal(other, await two.GetAsync("/products/8"));
    }

    [Fact]
    public async Task Without_a_map_every_key_invalidation_evicts_all_pages()
    {
        await using var app = await PageApp.StartAsync(b => b.AddOutputCacheSink());
        foreach (var invalidate in new Func<IInvalidator, ValueTask<InvalidationReceipt>>[]
        {
            i => i.InvalidateKeyAsync("any", cancellationToken: Stop),
            i => i.InvalidatePatternAsync(new GlobPattern("any*"), cancellationToken: Stop),
            i => i.InvalidateEverythingAsync(cancellationToken: Stop),
        })
        {
            var (product, catalogue) = (await StaysAsync(app, "/products/7"), await StaysAsync(app, "/catalogue"));
            await invalidate(app.Cache.Invalidator);
            await Eventually.TrueAsync("the product is made anew", async () => await app.GetAsync("/products/7") != product);
            Assert.NotEqual(catalogue, await app.GetAsync("/catalogue"));
        }
    }

    [Fact]
    public async Task With_a_map_an_invalidated_key_evicts_only_the_pages_of_its_mapped_tags()
    {
        await using var app = await PageApp.StartAsync(b => b.AddOutputCacheSink(map => map.TagsOfKey = key => key == "list" ? ["catalogue"] : []));
        var (product, catalogue) = (await StaysAsync(app, "/products/7"), await StaysAsync(app, "/catalogue"));
        await app.Cache.Invalidator.InvalidateAsync(["other", "list"], cancellationToken: Stop);
        await Eventually.TrueAsync("the catalogue is made anew", async () => await app.GetAsync("/catalogue") != catalogue);
        Assert.Equal(product, await app.GetAsync("/products/7"));
    }

    [Theory]
    [InlineData("product:7", false)]
    [InlineData("product:8", true)]
    public async Task A_page_is_not_stored_if_one_of_its_tags_is_evicted_while_the_page_is_generated(string tag, bool isKept)
    {
        var reported = 0;
        await using var app = await PageApp.StartAsync(b => b.AddOutputCacheSink().AddSink("told", (_, _) =>
        {
            Interlocked.Increment(ref reported);
            return ValueTask.CompletedTask;
        }));
        var warm = await StaysAsync(app, "/catalogue");
        app.Making = async () =>
        {
            app.Making = static () => Task.CompletedTask;
            await app.Cache.Invalidator.InvalidateAsync(tags: [tag, "catalogue"], cancellationToken: Stop);
            await Eventually.TrueAsync("the output cache was told", async () => Volatile.Read(ref reported) == 1 && await app.GetAsync("/catalogue") != warm);
        };
        var first = await app.GetAsync("/products/7");
        Assert.Equal(isKept, first == await app.GetAsync("/products/7"));
    }

    [Fact]
    public async Task A_page_without_caching_is_generated_for_every_request()
    {
        await using var app = await PageApp.StartAsync(b => b.AddOutputCacheSink());
        Assert.NotEqual(await app.GetAsync("/uncached"), await app.GetAsync("/uncached"));
    }

    [Fact]
    public async Task An_output_cache_sink_without_an_output_cache_is_refused_at_the_start()
    {
        var services = new ServiceCollection();
        services.AddUnstale().AddOutputCacheSink();
        await using var provider = services.BuildServiceProvider();
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            foreach (var starting in provider.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<Microsoft.Extensions.Hosting.IHostedLifecycleService>())
                await starting.StartingAsync(Stop);
        });
        Assert.Equal(
            "The cache 'default' invalidates the output cache, but no output cache is registered. Call services.AddOutputCache() and app.UseOutputCache().", refused.Message);
    }

    [Fact]
    public void An_empty_tag_for_everything_is_refused() => Assert.StartsWith(
        "EverythingTag is empty. Set the tag that evicts all pages, or keep the default.",
        Assert.Throws<InvalidOperationException>(() => new ServiceCollection().AddUnstale().AddOutputCacheSink(map => map.EverythingTag = " ")).Message,
        StringComparison.Ordinal);

    /// <summary>Reads the page until two reads in a row return the same page. The start of a shared log may evict the first one.</summary>
    private static async Task<string> StaysAsync(PageApp app, string path)
    {
        var page = "";
        await Eventually.TrueAsync($"{path} is kept", async () => page == (page = await app.GetAsync(path)));
        return page;
    }
}
