using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Reads;

/// <summary>Changes of ExecuteUpdate and ExecuteDelete, seen by cached values.</summary>
public sealed class StatementTests : IAsyncLifetime
{
    private readonly SqliteShop _shop = new();
    private int _loads;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await using var context = _shop.Open();
        context.AddRange(new Product { Id = 1, Rating = 1, Name = "a" }, new Product { Id = 2, Rating = 2, Name = "b", Lines = { new OrderLine { Quantity = 3 } } });
        await context.SaveChangesAsync(Stop);
        Assert.Equal("a", await NamesAsync(1));
    }

    public ValueTask DisposeAsync()
    {
        _shop.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task An_update_invalidates_the_values_of_the_rows_that_it_can_have_changed()
    {
        await using var context = _shop.Open();
        await context.Products.Where(static p => p.Rating == 2).ExecuteUpdateAsync(static set => set.SetProperty(static p => p.Name, "c"), Stop);
        await context.Products.Where(static p => p.Rating == 1).ExecuteUpdateAsync(static set => set.SetProperty(static p => p.Note, "c"), Stop);
        Assert.Equal(("a", 1), (await NamesAsync(1), _loads));
        context.Products.Where(static p => p.Rating == 1).ExecuteUpdate(static set => set.SetProperty(static p => p.Name, "c"));
        Assert.Equal(("c", 2), (await NamesAsync(1), _loads));
        await context.Products.Where(static p => p.Id == 2).ExecuteUpdateAsync(static set => set.SetProperty(static p => p.Rating, 1), Stop);
        Assert.Equal(("c,c", 3), (await NamesAsync(1), _loads));
        await context.Products.Where(static p => p.Id == 2).ExecuteUpdateAsync(static set => set.SetProperty(static p => p.Rating, static p => p.Rating + 1), Stop);
        Assert.Equal(("c", 4), (await NamesAsync(1), _loads));
    }

    [Fact]
    public async Task A_delete_invalidates_the_values_of_the_rows_that_it_can_have_deleted()
    {
        await using var context = _shop.Open();
        await context.Products.Where(static p => p.Rating == 3).ExecuteDeleteAsync(Stop);
        Assert.Equal(("a", 1), (await NamesAsync(1), _loads));
        await context.Products.Where(static p => p.Rating == 1).ExecuteDeleteAsync(Stop);
        Assert.Equal(("", 2), (await NamesAsync(1), _loads));
    }

    [Fact]
    public async Task A_statement_in_a_transaction_invalidates_after_the_commit_alone()
    {
        await using var context = _shop.Open();
        await using (await context.Database.BeginTransactionAsync(Stop))
            await context.Products.ExecuteUpdateAsync(static set => set.SetProperty(static p => p.Name, "c"), Stop);
        Assert.Equal(("a", 1), (await NamesAsync(1), _loads));
        await using (var transaction = await context.Database.BeginTransactionAsync(Stop))
        {
            await context.Products.ExecuteUpdateAsync(static set => set.SetProperty(static p => p.Name, "c"), Stop);
            await transaction.CommitAsync(Stop);
        }

        Assert.Equal(("c", 2), (await NamesAsync(1), _loads));
    }

    [Fact]
    public async Task A_statement_in_a_load_prevents_the_storage_of_its_value() => Assert.False(await _shop.IsStoredAsync(async () =>
    {
        await using var context = _shop.Open();
        await context.Products.ExecuteUpdateAsync(static set => set.SetProperty(static p => p.Name, "c"), Stop);
    }));

    [Fact]
    public async Task A_saved_entity_invalidates_the_values_of_its_row()
    {
        await using var context = _shop.Open();
        (await context.Products.SingleAsync(static p => p.Id == 1, Stop)).Name = "d";
        await context.SaveChangesAsync(Stop);
        Assert.Equal(("d", 2), (await NamesAsync(1), _loads));
    }

    private async Task<string> NamesAsync(int rating) => await _shop.Cache.GetOrCreateAsync($"names-{rating}", async _ =>
    {
        _loads++;
        await using var context = _shop.Open();
        return string.Join(',', await context.Products.Where(p => p.Rating == rating).Select(static p => p.Name).ToListAsync(Stop));
    }, cancellationToken: Stop);
}
