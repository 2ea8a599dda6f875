using Microsoft.EntityFrameworkCore;

namespace CatalogueSample;

/// <summary>Writes of the catalogue. No write invalidates: the cache follows the commits of the context.</summary>
internal sealed class Administration(IDbContextFactory<CatalogueContext> contexts)
{
    public async Task ChangeAsync(int id, Action<Product> change)
    {
        await using var context = await contexts.CreateDbContextAsync();
        change(await context.Products.SingleAsync(product => product.Id == id));
        await context.SaveChangesAsync();
    }

    public async Task AddAsync(Product product)
    {
        await using var context = await contexts.CreateDbContextAsync();
        context.Add(product);
        await context.SaveChangesAsync();
    }

    public async Task RenameAsync(int category, string name)
    {
        await using var context = await contexts.CreateDbContextAsync();
        (await context.Categories.SingleAsync(one => one.Id == category)).Name = name;
        await context.SaveChangesAsync();
    }

    public async Task DiscountAsync(int category, decimal factor)
    {
        await using var context = await contexts.CreateDbContextAsync();
        await context.Products.Where(product => product.CategoryId == category)
            .ExecuteUpdateAsync(set => set.SetProperty(product => product.Price, product => product.Price * factor));
    }

    public async Task ChangeInVainAsync(int id, Action<Product> change)
    {
        await using var context = await contexts.CreateDbContextAsync();
        await using var transaction = await context.Database.BeginTransactionAsync();
        change(await context.Products.SingleAsync(product => product.Id == id));
        await context.SaveChangesAsync();
        await transaction.RollbackAsync();
    }
}
