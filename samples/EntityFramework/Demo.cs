using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Unstale;

namespace CatalogueSample;

/// <summary>Writes to a catalogue in SQLite, and the effect of each write on cached results.</summary>
internal static class Demo
{
    public static async Task RunAsync(TextWriter output)
    {
        var folder = Directory.CreateTempSubdirectory("unstale-catalogue-");
        try
        {
            await using var services = Services(Path.Combine(folder.FullName, "catalogue.db"));
            await using (var context = await services.GetRequiredService<IDbContextFactory<CatalogueContext>>().CreateDbContextAsync())
                await context.Database.EnsureCreatedAsync();
            await RunAsync(services, output);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static ServiceProvider Services(string file)
    {
        var services = new ServiceCollection();
        services.AddDbContextFactory<CatalogueContext>(options => options.UseSqlite($"Data Source={file};Pooling=False"));
        services.AddUnstale().UseEntityFrameworkCore<CatalogueContext>();
        services.AddSingleton<Catalogue>().AddSingleton<Administration>();
        return services.BuildServiceProvider();
    }

    private static async Task RunAsync(ServiceProvider services, TextWriter output)
    {
        var table = new ResultTable(services.GetRequiredService<UnstaleCache>(), services.GetRequiredService<Catalogue>(), output);
        var writes = services.GetRequiredService<Administration>();
        await table.BeginAsync();
        await table.ShowAsync("product 1 moves from lamps to chairs", () => writes.ChangeAsync(1, static product => product.CategoryId = CatalogueContext.Chairs));
        await table.ShowAsync("price of product 2: 45 becomes 65", () => writes.ChangeAsync(2, static product => product.Price = 65));
        await table.ShowAsync("one more view of product 2", () => writes.ChangeAsync(2, static product => product.Views++));
        await table.ShowAsync("product 3 is featured", () => writes.ChangeAsync(3, static product => product.IsFeatured = true));
        await table.ShowAsync("a new lamp for 50", () => writes.AddAsync(new() { Name = "Disc", CategoryId = CatalogueContext.Lamps, Price = 50 }));
        await table.ShowAsync("the category chairs is renamed", () => writes.RenameAsync(CatalogueContext.Chairs, "seats"));
        await table.ShowAsync("ExecuteUpdate: chairs, 10 % cheaper", () => writes.DiscountAsync(CatalogueContext.Chairs, 0.9m));
        await table.ShowAsync("a price, in a transaction rolled back", () => writes.ChangeInVainAsync(2, static product => product.Price = 1));
    }
}
