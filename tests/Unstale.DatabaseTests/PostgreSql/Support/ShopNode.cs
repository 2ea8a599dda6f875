using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Unstale.IntegrationTests.Support;
using Unstale.PostgreSql;

namespace Unstale.DatabaseTests.PostgreSql.Support;

/// <summary>One process of a shop: a cache over the shared log in the database, with its hosted services.</summary>
internal sealed class ShopNode : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly IHostedService[] _hosted;

    private ShopNode(ServiceProvider services) => (_services, _hosted) = (services, [.. services.GetServices<IHostedService>()]);

    public UnstaleCache Cache => _services.GetRequiredService<UnstaleCache>();

    public PostgreSqlOutbox Outbox => _services.GetRequiredService<PostgreSqlOutbox>();

    public T Service<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>Starts a node and waits until it is trusted.</summary>
    /// <param name="database">Database of the log.</param>
    /// <param name="configure">Adds parts to the cache.</param>
    /// <param name="options">Changes the options of the cache.</param>
    public static Task<ShopNode> StartAsync(ShopDatabase database, Action<IUnstaleBuilder> configure, Action<UnstaleOptions>? options = null) => StartInProcessAsync(
        database,
        builder =>
        {
            builder.UsePostgreSqlLog(database.Source, static o => o.PollInterval = TimeSpan.FromMilliseconds(20));
            configure(builder);
        },
        options);

    /// <summary>Starts a node with a log of its own.</summary>
    public static async Task<ShopNode> StartInProcessAsync(ShopDatabase database, Action<IUnstaleBuilder> configure, Action<UnstaleOptions>? options = null)
    {
        var builder = new ServiceCollection().AddLogging().AddUnstale(options ?? (static _ => { }));
        builder.Services.AddSingleton(database.Source);
        configure(builder);
        var node = new ShopNode(builder.Services.BuildServiceProvider());
        foreach (var service in node._hosted)
            await service.StartAsync(CancellationToken.None);
        await Eventually.TrueAsync("the node is trusted", () => Task.FromResult(node.Cache.GetLogState().IsTrusted));
        return node;
    }

    public static Task<ShopNode> StartWithOutboxAsync(ShopDatabase database, Action<OutboxOptions>? outbox = null) => StartAsync(database, builder => builder.UsePostgreSqlOutbox(o =>
    {
        o.PollInterval = TimeSpan.FromMilliseconds(30);
        outbox?.Invoke(o);
    }));

    /// <summary>Reads the price of a product through the cache.</summary>
    public ValueTask<decimal> PriceAsync(ShopDatabase database, int id) =>
        Cache.GetOrCreateAsync($"price:{id}", async _ => await database.PriceAsync(id), tags: [$"products:{id}"]);

    public bool HasPrice(int id) => Cache.TryGet<decimal>($"price:{id}", out _);

    public async ValueTask DisposeAsync()
    {
        foreach (var service in _hosted)
            await service.StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
    }
}
