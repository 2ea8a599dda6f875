using Shop.Data;
using Shop.EntityFramework;
using Shop.Strategies;
using Unstale;
using Unstale.Redis.Channel;

namespace Shop.Nodes;

/// <summary>Composition of the comparison: two nodes in one process. For development only.</summary>
internal static class NodeServices
{
    /// <summary>Name of the second node's cache. The first node has the cache of the shop.</summary>
    private const string SecondCache = "node-b";

    /// <summary>Lifetime of the compared values, with Unstale and without.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    public static void AddNodes(this IServiceCollection services, ShopSettings settings)
    {
        // Another name is another memory; the same log is the same invalidations.
        var second = services.AddUnstale(SecondCache, static options => options.Log = "shop").AddRules(ShopRules.Declare);
        if (!string.IsNullOrEmpty(settings.Redis))
            second.UseRedis(settings.Redis);

        services.AddSingleton(static provider => Create("a", provider.GetRequiredService<UnstaleCache>(), provider));
        services.AddSingleton(static provider => Create("b", provider.GetRequiredKeyedService<UnstaleCache>(SecondCache), provider));
        services.AddSingleton<AnswerLedger>().AddSingleton<VersionTimes>().AddSingleton<Comparison>();
    }

    private static ShopNode Create(string name, UnstaleCache cache, IServiceProvider provider)
    {
        var database = provider.GetRequiredService<ShopDatabase>();
        return new(
            name,
            cache,
            provider.GetService<ContextCatalogue>() as INodeWrites ?? new Catalogue(database, cache, provider.GetService<InvalidationPublisher>()),
            new PlainCache(database, provider.GetRequiredService<TimeProvider>()));
    }
}
