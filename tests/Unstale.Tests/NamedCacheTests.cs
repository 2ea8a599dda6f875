using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Unstale.Tests;

/// <summary>Several caches in one process.</summary>
public sealed class NamedCacheTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Caches_of_one_log_share_invalidations_and_nothing_else()
    {
        await using var services = Build(s =>
        {
            s.AddUnstale(o => o.Log = "shop");
            s.AddUnstale("cart", o =>
            {
                o.Log = "shop";
                o.DefaultExpiration = TimeSpan.FromSeconds(7);
            });
        });
        var shop = services.GetRequiredService<UnstaleCache>();
        var cart = services.GetRequiredKeyedService<UnstaleCache>("cart");
        await shop.GetOrCreateAsync("k", static _ => new ValueTask<string>("shop"), tags: ["t"], cancellationToken: Stop);
        await cart.GetOrCreateAsync("k", static _ => new ValueTask<string>("cart"), tags: ["t"], cancellationToken: Stop);
        Assert.True(shop.TryGet("k", out string ofShop) && ofShop == "shop");
        Assert.True(cart.TryGet("k", out string ofCart) && ofCart == "cart");
        Assert.Equal((300, 7), (shop.Inspect("k")!.ExpiresIn.TotalSeconds, cart.Inspect("k")!.ExpiresIn.TotalSeconds));

        var receipt = await cart.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        Assert.Equal(2, receipt.LocalEntriesRemoved);
        await shop.SetAsync("k", "set", tags: ["t"], cancellationToken: Stop);
        Assert.Null(cart.Inspect("k"));
        await cart.RemoveByTagAsync("t", Stop);
        Assert.False(shop.TryGet("k", out string _));
        Assert.Equal(4, (await shop.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop)).Position.Sequence);
        Assert.Equal(("default", "cart", 1, 1), (shop.Name, cart.Name, shop.GetStatistics().Loads, cart.GetStatistics().Loads));
    }

    [Fact]
    public async Task Setting_in_one_cache_invalidates_the_key_in_the_others_of_its_log()
    {
        await using var services = Build(s => s.AddUnstale("a").Services.AddUnstale("b"));
        var (a, b) = (services.GetRequiredKeyedService<UnstaleCache>("a"), services.GetRequiredKeyedService<UnstaleCache>("b"));
        await a.SetAsync("k", "a", cancellationToken: Stop);
        await b.SetAsync("k", "b", cancellationToken: Stop);
        Assert.False(a.TryGet("k", out string _));
        Assert.True(b.TryGet("k", out string _));
    }

    [Fact]
    public async Task Caches_of_different_logs_do_not_receive_records_of_each_other()
    {
        await using var services = Build(s => s.AddUnstale().Services.AddUnstale("apart", o => o.Log = "other"));
        var here = services.GetRequiredService<UnstaleCache>();
        var apart = services.GetRequiredKeyedService<UnstaleCache>("apart");
        await here.SetAsync("k", 1, tags: ["t"], cancellationToken: Stop);
        await apart.SetAsync("k", 2, tags: ["t"], cancellationToken: Stop);
        await here.Invalidator.InvalidateAsync(["k"], ["t"], [new GlobPattern("*")], cancellationToken: Stop);
        var receipt = await here.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop);
        Assert.True(apart.TryGet("k", out int _));
        var other = await apart.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop);
        Assert.False(receipt.Position.TryCompare(other.Position, out _));
    }

    [Fact]
    public async Task A_named_cache_its_HybridCache_and_its_invalidator_have_the_same_service_key()
    {
        await using var services = Build(s => Assert.Equal("a", s.AddUnstale("a").Name));
        var cache = services.GetRequiredKeyedService<UnstaleCache>("a");
        Assert.Same(cache, services.GetRequiredKeyedService<HybridCache>("a"));
        Assert.Same(cache.Invalidator, services.GetRequiredKeyedService<IInvalidator>("a"));
        Assert.Null(services.GetService<UnstaleCache>());
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddUnstale(" "));
    }

    [Fact]
    public async Task A_disposed_cache_does_not_affect_the_other_caches_of_its_log()
    {
        await using var services = Build(s => s.AddUnstale("a").Services.AddUnstale("b"));
        var (a, b) = (services.GetRequiredKeyedService<UnstaleCache>("a"), services.GetRequiredKeyedService<UnstaleCache>("b"));
        await a.SetAsync("k1", 1, tags: ["t"], cancellationToken: Stop);
        await b.SetAsync("k2", 1, tags: ["t"], cancellationToken: Stop);
        await a.DisposeAsync();
        await a.DisposeAsync();
        Assert.False(a.TryGet("k1", out int _));
        Assert.True(b.TryGet("k2", out int _));
        await b.RemoveByTagAsync("t", Stop);
        Assert.False(b.TryGet("k2", out int _));
    }

    private static ServiceProvider Build(Action<IServiceCollection> add)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(new FakeTimeProvider());
        add(services);
        return services.BuildServiceProvider();
    }
}
