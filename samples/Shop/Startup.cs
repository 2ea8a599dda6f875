using System.Data.Common;
using Shop.Cart;
using Shop.Data;
using Shop.EntityFramework;
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

    /// <summary>Returns whether the settings have allowed values; if not, after a message to the operator.</summary>
    /// <param name="builder">Builder of the program.</param>
    /// <param name="who">Name of the program in messages.</param>
    public static async Task<bool> HasSettingsAsync(this WebApplicationBuilder builder, string who = "shop")
    {
        if (ShopSettings.FindFault(builder.Configuration) is not { } fault)
            return true;
        await Console.Error.WriteLineAsync($"The {who} cannot start. {fault}");
        return false;
    }

    public static void AddShop(this WebApplicationBuilder builder)
    {
        builder.AddHttpDefaults(DefaultAddress);
        builder.KeepStartQuiet();
        var services = builder.Services;
        var settings = ShopSettings.Read(builder.Configuration);
        services.AddSingleton(settings);
        AddCaches(services, settings);
        if (builder.Environment.IsDevelopment())
            services.AddNodes(settings);

        services.AddSingleton<DbDataSource>(_ => Databases.Open(settings.Database)).AddSingleton<ShopDatabase>();
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

        MapStrategies(app);
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
            var settings = app.Services.GetRequiredService<ShopSettings>();
            await app.Services.GetRequiredService<ShopDatabase>().PrepareAsync(settings.HasChangeCapture, CancellationToken.None);
        }
        catch (Exception exception) when (exception is DbException or ArgumentException)
        {
            var reason = exception.Message.Split([" (Parameter", ". "], StringSplitOptions.None)[0].TrimEnd('.');
            await Console.Error.WriteLineAsync($"The {who} cannot open its database: check the setting ConnectionStrings:Shop ({reason}).");
            return false;
        }

        return await ContextServices.PrepareAsync(app, who);
    }

    /// <summary>Adds the reads by SQL, whose values carry tags.</summary>
    public static void AddTaggedReads(this IServiceCollection services) => services.AddSingleton<IProductReads, TaggedReads>();

    private static void MapStrategies(WebApplication app)
    {
        TtlStrategy.Map(app);
        ExplicitStrategy.Map(app);
        WriteThroughStrategy.Map(app);
        EventsStrategy.Map(app);
        StaleWhileRevalidateStrategy.Map(app);
        TagsStrategy.Map(app);
        ProductionStrategy.Map(app);
        if (app.Services.GetRequiredService<ShopSettings>().Access == DataAccess.EntityFrameworkCore)
        {
            ContextEndpoints.Map(app);
            return;
        }

        ExplicitStrategy.MapWrites(app);
        WriteThroughStrategy.MapWrites(app);
        EventsStrategy.MapWrites(app);
        TagsStrategy.MapWrites(app);
        ProductionStrategy.MapWrites(app);
    }

    private static void AddCaches(IServiceCollection services, ShopSettings settings)
    {
        var products = services.AddUnstale(static options => options.Log = "shop").AddRules(ShopRules.Declare);
        var cart = services.AddUnstale(CartService.CacheName, static options => options.Log = "shop");

        // One log for all processes that name the same server; without it, one for this process.
        if (settings.Redis is { Length: > 0 } redis)
        {
            // Services that know nothing of the log speak over the channel cache:invalidate, and are told there what the shop changes.
            products.UseRedis(redis).UseChannel(static options => options.ServiceName = "shop");
            cart.UseRedis(redis);
        }

        products.AddQueryCache();
        services.AddSingleton<OrderQueries>();
        if (settings.Access == DataAccess.EntityFrameworkCore)
        {
            products.AddContext(settings);
            services.AddSingleton<ContextCatalogue>().AddSingleton<ContextOrders>();
            services.AddSingleton<IOrderSource>(static provider => provider.GetRequiredService<ContextOrders>());
            services.AddSingleton<IOrderCommands>(static provider => provider.GetRequiredService<ContextOrders>());
        }
        else
        {
            products.AddOrders();
            services.AddSingleton<Catalogue>().AddTaggedReads();
        }
    }
}
