using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Shop.Data;
using Shop.Strategies;
using Unstale;
using Unstale.PostgreSql;

namespace Shop.EntityFramework;

/// <summary>Composition of the data access by Entity Framework Core, for the shop and its worker.</summary>
internal static class ContextServices
{
    /// <summary>Name of the replication slot and of the publication.</summary>
    private const string Slot = "shop";

    private static readonly string[] Tables = ["categories", "products", "orders"];

    /// <summary>Connects a cache with the context and, with change capture, with the commits of other programs.</summary>
    public static void AddContext(this IUnstaleBuilder cache, ShopSettings settings)
    {
        cache.Services.AddLogging(static logging => logging.AddFilter("Microsoft.EntityFrameworkCore.Database.Command", LogLevel.Warning));
        cache.Services.AddDbContextFactory<ShopContext>(options => Databases.Use(options, settings.Database));
        cache.UseEntityFrameworkCore<ShopContext>();
        if (settings.HasChangeCapture)
        {
            cache.UsePostgreSqlChangeCapture(options =>
            {
                options.ConnectionString = settings.Database;
                options.Slot = options.Publication = Slot;
                foreach (var table in Tables)
                    options.AddTable(table);
            });
        }

        cache.Services.AddSingleton<IProductReads, ContextReads>();
    }

    /// <summary>
    /// Compiles the queries. Creates publication and slot if the settings have change capture. May run again, and in several processes. Returns false, after a message to the
    /// operator, if the server refuses.
    /// </summary>
    /// <param name="app">Application to prepare.</param>
    /// <param name="who">Name of the program in messages.</param>
    public static async Task<bool> PrepareAsync(WebApplication app, string who)
    {
        if (app.Services.GetRequiredService<IProductReads>() is not ContextReads reads)
            return true;
        try
        {
            await reads.CompileAsync(CancellationToken.None);
            if (!app.Services.GetRequiredService<ShopSettings>().HasChangeCapture)
                return true;
            await app.Services.GetRequiredKeyedService<PostgreSqlChangeCapture>(app.Services.GetRequiredService<UnstaleCache>().Name).SetupAsync(CancellationToken.None);
            return true;
        }
        catch (Exception exception) when (exception is DbException or InvalidOperationException)
        {
            await Console.Error.WriteLineAsync($"The {who} cannot read its database: {exception.Message}");
            return false;
        }
    }
}
