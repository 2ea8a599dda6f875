using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Writes;

/// <summary>Examples of the section about writes in docs/entity-framework.md, executed.</summary>
public sealed class WritesExample
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_transaction_of_the_context_and_one_of_the_application_are_one_record_each()
    {
        await using var shop = await WrittenShop.StartAsync();
        await using (var context = shop.Context())
            await MoveAsync(context, Stop);
        Assert.Single(await shop.RecordsAsync());
        await using (var context = shop.Context())
        {
            var connection = context.Database.GetDbConnection();
            await connection.OpenAsync(Stop);
            await RenumberAsync(context, await connection.BeginTransactionAsync(Stop), shop.Cache, Stop);
        }

        Assert.Single(await shop.RecordsAsync());
    }

    [Fact]
    public async Task A_save_reads_the_old_values()
    {
        await using var shop = await WrittenShop.StartAsync();
        await using var context = shop.Context(Configure);
        await MoveAsync(context, Stop);
        Assert.StartsWith("product update old{id=1;category_id=1;", Assert.Single(await shop.RecordsAsync()), StringComparison.Ordinal);
    }

    private static void Configure(DbContextOptionsBuilder<WriteContext> options) =>
        options.UseUnstale(o => o.ReadOldValues());

    private static async Task MoveAsync(WriteContext context, CancellationToken token)
    {
        await using var transaction = await context.Database.BeginTransactionAsync(token);
        var product = await context.Products.SingleAsync(p => p.Id == 1, token);
        product.CategoryId = 2;
        await context.SaveChangesAsync(token);
        await context.Database.ExecuteSqlAsync($"UPDATE shelf SET Stock = 0", token);
        await transaction.CommitAsync(token);                  // here the changes of both are raised, as one record
    }

    private static async Task RenumberAsync(WriteContext context, DbTransaction transaction, UnstaleCache cache, CancellationToken token)
    {
        await using var work = new InvalidatingTransaction(transaction, cache.Invalidator);
        await context.Database.UseTransactionAsync(work.Transaction, token);
        var product = await context.Products.SingleAsync(p => p.Id == 1, token);
        product.CategoryId = 1;
        await context.SaveChangesAsync(token);
        await work.CommitAsync(token);                         // commits, then raises
    }
}
