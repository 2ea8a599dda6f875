using System.Data.Common;
using Shop.Cart;
using Shop.Data;
using Shop.Http;
using Shop.Nodes;
using Shop.Orders;
using Shop.Strategies;
using Unstale.Redis.Channel;

namespace Shop;

/// <summary>Composition of the shop.</summary>
internal static class Startup
{
    private const string DefaultAddress = "http://127.0.0.1:5080";
    public const string DefaultDatabase = "Data Source=shop.db";

    public static void AddShop(this WebApplicationBuilder builder)
    {
        builder.AddHttpDefaults(DefaultAddress);
        builder.KeepStartQuiet();
        var services = builder.Services;
        var redis = builder.Configuration.GetConnectionString("Redis");
        AddCaches(services, redis);
        if (builder.Environment.IsDevelopment())
            services.AddNodes(redis);

        services.AddSingleton<DbDataSource>(_ => Databases.Open(builder.Configuration.GetConnectionString("Shop") ?? DefaultDatabase));
        services.AddSingleton<ShopDatabase>().AddSingleton<Catalogue>().AddSingleton<ProductReader>();
        services.AddSingleton(static provider => new ProductEvents(provider.GetService<InvalidationPublisher>));
        services.AddSingleton<CartService>().AddHostedService(static provider => provider.GetRequiredService<CartService>());
        services.AddOpenApi(static options => options.AddSchemaTransformer(Describing.NumbersAsync));
        builder.AddTelemetry();
    }

    public static void MapShop(this WebApplication app)
    {
        app.UseHttpDefaults();
        app.MapPrometheusScrapingEndpoint(Telemetry.MetricsPath);
        if (app.Environment.IsDevelopment())
            ApiPage.Map(app);

        TtlStrategy.Map(app);
        ExplicitStrategy.Map(app);
        WriteThroughStrategy.Map(app);
        EventsStrategy.Map(app);
        StaleWhileRevalidateStrategy.Map(app);
        TagsStrategy.Map(app);
        ProductionStrategy.Map(app);
        if (app.Environment.IsDevelopment())
            NodeEndpoints.Map(app);

        CartEndpoints.Map(app, showsInternals: app.Environment.IsDevelopment());
        OrderEndpoints.Map(app);
        OperationsEndpoints.Map(app, showsInternals: app.Environment.IsDevelopment());
    }

    /// <summary>Creates and seeds the database. Returns false, after a message to the operator, if the database cannot be opened.</summary>
    /// <param name="app">Application to prepare.</param>
    /// <param name="who">Name of the program in messages.</param>
    public static async Task<bool> PrepareAsync(this WebApplication app, string who = "shop")
    {
        try
        {
            await app.Services.GetRequiredService<ShopDatabase>().PrepareAsync(CancellationToken.None);
            return true;
        }
        catch (Exception exception) when (exception is DbException or ArgumentException)
        {
            var reason = exception.Message.Split([" (Parameter", ". "], StringSplitOptions.None)[0].TrimEnd('.');
            await Console.Error.WriteLineAsync($"The {who} cannot open its database: check the setting ConnectionStrings:Shop ({reason}).");
            return false;
        }
    }

    private static void AddCaches(IServiceCollection services, string? redis)
    {
        var products = services.AddUnstale(static options => options.Log = "shop").AddRules(ShopRules.Declare);
        var cart = services.AddUnstale(CartService.CacheName, static options => options.Log = "shop");

        // One log for all processes that name the same server; without it, one for this process.
        if (!string.IsNullOrEmpty(redis))
        {
            // Services that know nothing of the log speak over the channel cache:invalidate, and are told there what the shop changes.
            products.UseRedis(redis).UseChannel(static options => options.ServiceName = "shop");
            cart.UseRedis(redis);
        }

        products.AddOrders();
    }
}
