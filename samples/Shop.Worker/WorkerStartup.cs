using System.Data.Common;
using Shop.Data;
using Shop.EntityFramework;
using Shop.Http;
using Unstale;
using Unstale.Redis.Channel;

namespace Shop.Worker;

/// <summary>Composition of the worker: another service over the shop's database, with its own cache over the shop's log.</summary>
internal static class WorkerStartup
{
    private const string DefaultAddress = "http://127.0.0.1:5090";
    private const string DefaultRedis = "localhost:6379";

    public static void AddWorker(this WebApplicationBuilder builder)
    {
        builder.AddHttpDefaults(DefaultAddress);

        // Without Redis the worker would receive nothing, so a server is always set: /health reports whether it responds.
        if (string.IsNullOrEmpty(builder.Configuration.GetConnectionString("Redis")))
            builder.Configuration["ConnectionStrings:Redis"] = DefaultRedis;

        builder.KeepStartQuiet();
        var services = builder.Services;
        var settings = ShopSettings.Read(builder.Configuration);
        AddCache(services, settings);
        services.AddSingleton<DbDataSource>(_ => Databases.Open(settings.Database));
        services.AddSingleton(settings).AddSingleton<ShopDatabase>().AddSingleton<HeldProducts>();
        services.AddHostedService(static provider => new NewsListener(
            provider.GetRequiredService<InvalidationSubscriber>, provider.GetRequiredService<HeldProducts>(), provider.GetRequiredService<ILogger<NewsListener>>()));
    }

    public static void MapWorker(this WebApplication app)
    {
        app.UseHttpDefaults();
        app.MapGet("/cart/products/{id}", static async (long id, HeldProducts products, HttpContext http, CancellationToken cancellationToken) =>
            Answers.Of(http, await products.ReadAsync(id, cancellationToken)));
        OperationsEndpoints.MapHealth(app);
        if (app.Environment.IsDevelopment())
            OperationsEndpoints.MapInternals(app);
    }

    private static void AddCache(IServiceCollection services, ShopSettings settings)
    {
        var redis = settings.Redis!;
        var cache = services.AddUnstale(HeldProducts.CacheName, static options => options.Log = "shop").UseRedis(redis);
        if (settings.Access == DataAccess.EntityFrameworkCore)
            cache.AddContext(settings);
        else
            services.AddTaggedReads();
        services.AddSingleton(static provider => provider.GetRequiredKeyedService<UnstaleCache>(HeldProducts.CacheName));
        services.AddInvalidationChannel(redis, static options => options.ServiceName = HeldProducts.CacheName);
    }
}
