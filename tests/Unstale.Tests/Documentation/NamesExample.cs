using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Unstale.Tests.Hosting;
using Xunit;

namespace Unstale.Tests.Documentation;

public sealed class NamesExample
{
    private const string Settings = """
        {
          "Unstale": {
            "DefaultExpiration": 300,
            "DataTypes": {
              "user_profile": 3600,
              "product_list": 300,
              "stock_count": 30,
              "feature_flags": "00:01:00"
            },
            "KeyPrefixes": [ { "Prefix": "query_cache:Get", "Expiration": 120, "FreshFor": 60 } ]
          }
        }
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("user_profile:1", 3600)]
    [InlineData("product_list", 300)]
    [InlineData("stock_count:1", 30)]
    [InlineData("feature_flags", 60)]
    [InlineData("anything:else", 300)]
    [InlineData("query_cache:GetUser:1", 120)]
    public async Task A_key_has_the_lifetime_of_the_configuration(string key, int seconds)
    {
        await using var test = new CacheUnderTest(services: services => Add(services, JsonSettings.OfFile(Settings).Root));
        await test.Cache.SetAsync(key, 1, cancellationToken: Stop);
        Assert.Equal(TimeSpan.FromSeconds(seconds), test.Cache.Inspect(key)!.ExpiresIn);
    }

    [Fact]
    public void The_concepts_page_contains_the_settings_of_the_example()
    {
        var page = File.ReadAllText(Path.Combine(Support.Repository.Root, "docs", "concepts.md"));
        Assert.Contains($"```json\n{Settings}\n```", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invalidated_tenant_has_no_entry_in_its_namespaces()
    {
        await using var test = new CacheUnderTest();
        Assert.Equal(("a cart", false, false), await TenantAsync(test.Cache));
    }

    [Fact]
    public async Task Only_entries_with_both_tags_are_invalidated()
    {
        await using var test = new CacheUnderTest();
        var cache = test.Cache;
        await cache.SetAsync("menu:admin", "m", tags: ["tenant:42", "role:admin"], cancellationToken: Stop);
        await cache.SetAsync("menu:guest", "m", tags: ["tenant:42", "role:guest"], cancellationToken: Stop);
        await RoleChangedAsync(test.Invalidator);
        Assert.Equal((false, true), (cache.TryGet("menu:admin", out string _), cache.TryGet("menu:guest", out string _)));
    }

    [Fact]
    public void The_example_sets_the_content_version_of_the_cache()
    {
        var services = new ServiceCollection();
        AddVersioned(services);
        using var provider = services.BuildServiceProvider();
        Assert.Equal(2, provider.GetRequiredService<IOptionsMonitor<UnstaleOptions>>().Get("default").ContentVersion);
    }

    private static async Task<(string Cart, bool HasCart, bool HasSettings)> TenantAsync(UnstaleCache cache)
    {
        var tenant = cache.Namespace("tenant:42");
        var carts = tenant.Namespace("carts");
        var cart = await carts.GetOrCreateAsync("user:7", _ => new ValueTask<string>("a cart"));
        HybridCache existing = tenant;               // for code that knows nothing of namespaces
        await existing.SetAsync("settings", "dark");
        await tenant.InvalidateAsync();              // one record: settings and carts are stale, on every node
        return (cart, carts.TryGet("user:7", out string _), tenant.TryGet("settings", out string _));
    }

    private static async Task RoleChangedAsync(IInvalidator invalidator) =>
        await invalidator.InvalidateAsync(allOf: ["tenant:42", "role:admin"]);

    private static void AddVersioned(IServiceCollection services)
    {
        services.AddUnstale(o => o.ContentVersion = 2); // prices have a currency since this release
    }

    private static void Add(IServiceCollection services, IConfiguration configuration)
    {
        services.AddUnstale(configuration.GetSection("Unstale"));
    }
}
