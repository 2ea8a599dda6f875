using Xunit;

namespace Unstale.Tests.Analyzers;

/// <summary>UNSTALE001: an invalidation that runs before the commit of the change.</summary>
public sealed class InvalidationBeforeCommitTests
{
    private const string Id = "UNSTALE001";

    [Theory]
    [InlineData("await [|invalidator.InvalidateTagAsync(\"product\")|]; await shop.SaveChangesAsync();")]
    [InlineData("await [|invalidator.ChangedAsync(\"product\", 4)|]; shop.SaveChanges();")]
    [InlineData("await [|cache.RemoveByTagAsync(\"product\")|]; if (cache is null) return; await shop.SaveChangesAsync();")]
    [InlineData("await [|cache.RemoveAsync(\"product:4\")|]; await command.ExecuteNonQueryAsync();")]
    [InlineData("await [|cache.RemoveAsync(\"product:4\")|]; await shop.Products.ExecuteDeleteAsync();")]
    [InlineData("await [|cache.RemoveAsync(\"product:4\")|]; await connection.ExecuteAsync(\"UPDATE products\");")]
    [InlineData("[|invalidator.InvalidateLater(tags: [\"product\"])|]; await shop.SaveChangesAsync();")]
    [InlineData("var receipt = await [|invalidator.InvalidateKeyAsync(\"a\")|]; await shop.SaveChangesAsync(); Console.WriteLine(receipt);")]
    [InlineData("await using var t = await shop.Database.BeginTransactionAsync(); await shop.SaveChangesAsync(); await [|cache.RemoveAsync(\"a\")|]; await t.CommitAsync();")]
    [InlineData("await using var t = await connection.BeginTransactionAsync(); await command.ExecuteNonQueryAsync(); await [|cache.RemoveAsync(\"a\")|]; t.Commit();")]
    [InlineData("await shop.SaveChangesAsync(); await [|cache.RemoveAsync(\"a\")|]; await shop.Database.CommitTransactionAsync();")]
    [InlineData("foreach (var id in new[] { 1, 2 }) { if (id == 1) { await [|cache.RemoveAsync(\"a\")|]; break; } } await shop.SaveChangesAsync();")]
    [InlineData("try { await [|cache.RemoveAsync(\"a\")|]; } finally { await shop.SaveChangesAsync(); }")]
    [InlineData("using (invalidator.BeginScope()) { Console.WriteLine(); } await [|cache.RemoveAsync(\"a\")|]; await shop.SaveChangesAsync();", true)]
    [InlineData("using var scope = invalidator.BeginScope(); await cache.RemoveAsync(\"a\"); await [|scope.CompleteAsync()|]; await shop.SaveChangesAsync();")]
    [InlineData("Func<Task> work = async () => { await [|cache.RemoveAsync(\"a\")|]; await shop.SaveChangesAsync(); }; await work();")]
    public async Task An_invalidation_before_the_commit_is_reported(string body, bool alsoScope = false)
    {
        using var project = Project(body);
        if (alsoScope)
            Assert.Equal(["UNSTALE006", Id], (await project.FindAsync()).Select(static one => one.Id));
        else
            await project.RequireAsync(Id);
    }

    [Theory]
    [InlineData("await shop.SaveChangesAsync(); await invalidator.InvalidateTagAsync(\"product\");")]
    [InlineData("await shop.SaveChangesAsync(); await cache.RemoveAsync(\"a\"); await shop.SaveChangesAsync(); await cache.RemoveAsync(\"b\");")]
    [InlineData("foreach (var id in new[] { 1, 2 }) { await shop.SaveChangesAsync(); await cache.RemoveAsync(\"a\"); }")]
    [InlineData("if (cache is null) { await invalidator.InvalidateTagAsync(\"a\"); return; } await shop.SaveChangesAsync();")]
    [InlineData("if (shop is null) await invalidator.InvalidateTagAsync(\"a\"); else await shop.SaveChangesAsync();")]
    [InlineData("switch (shop) { case null: await cache.RemoveAsync(\"a\"); break; default: await shop.SaveChangesAsync(); break; }")]
    [InlineData("try { await shop.SaveChangesAsync(); } catch (DbException) { await cache.RemoveAsync(\"a\"); throw; }")]
    [InlineData("using var scope = invalidator.BeginScope(); await cache.RemoveAsync(\"a\"); await shop.SaveChangesAsync(); await scope.CompleteAsync();")]
    [InlineData("await using var work = new InvalidatingTransaction(transaction, invalidator); await cache.RemoveAsync(\"a\"); await command.ExecuteNonQueryAsync(); await work.CommitAsync();")]
    [InlineData("using var t = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled); await cache.RemoveAsync(\"a\"); await shop.SaveChangesAsync(); t.Complete();")]
    [InlineData("await using var t = await connection.BeginTransactionAsync(); await t.CommitAsync(); await cache.RemoveAsync(\"a\");")]
    [InlineData("await transaction.CommitAsync(); await cache.RemoveAsync(\"a\"); await shop.Database.CommitTransactionAsync();")]
    [InlineData("await shop.SaveChangesAsync(); await cache.RemoveAsync(\"a\"); await using var t = await connection.BeginTransactionAsync(); await t.CommitAsync();")]
    [InlineData("await cache.RemoveAsync(\"a\"); Func<Task> later = () => shop.SaveChangesAsync(); Console.WriteLine(later);")]
    [InlineData("await cache.GetOrCreateAsync(\"a\", _ => new ValueTask<string>(\"a\")); await shop.SaveChangesAsync();")]
    [InlineData("while (true) { await shop.SaveChangesAsync(); await cache.RemoveAsync(\"a\"); if (cache is null) continue; await shop.SaveChangesAsync(); }")]
    public async Task An_invalidation_after_the_commit_or_in_a_unit_of_work_is_not_reported(string body)
    {
        using var project = Project(body);
        await project.RequireAsync(Id);
    }

    [Fact]
    public async Task A_method_that_receives_its_unit_of_work_is_not_reported()
    {
        using var project = new AnalyzedProject(Libraries.EntityFramework, """
            internal sealed class Orders(Shop shop, HybridCache cache)
            {
                public async Task SaveAsync(InvalidationScope scope)
                {
                    await cache.RemoveAsync("a");
                    await shop.SaveChangesAsync();
                    await scope.CompleteAsync();
                }
            }

            internal static class Registration { public static void Add(IServiceCollection services) => services.AddUnstale(); }
            """);
        await project.RequireAsync(Id);
    }

    [Fact]
    public async Task The_message_names_the_invalidation_and_the_commit()
    {
        using var project = Project("await cache.RemoveByTagAsync(\"a\"); await shop.SaveChangesAsync();");
        Assert.Equal(
            "'RemoveByTagAsync' invalidates before 'SaveChangesAsync' has changed the data, so a read in between caches the old value again. "
            + "Move the call behind 'SaveChangesAsync', or collect it in a scope of IInvalidator.BeginScope.",
            Assert.Single(await project.FindAsync()).GetMessage(null));
    }

    [Fact]
    public async Task The_fix_moves_the_invalidation_behind_the_commit()
    {
        using var project = Project("""
            // The list shows the name.
            await invalidator.InvalidateTagAsync("product");
            var rows = await shop.SaveChangesAsync();
            Console.WriteLine(rows);
            """);
        var (code, remaining) = await project.FixAsync();
        Assert.Contains("""
            var rows = await shop.SaveChangesAsync();
            // The list shows the name.
            await invalidator.InvalidateTagAsync("product");
            Console.WriteLine(rows);
            """, code, StringComparison.Ordinal);
        Assert.Empty(remaining);
    }

    [Theory]
    [InlineData("var receipt = await invalidator.InvalidateKeyAsync(\"a\"); await shop.SaveChangesAsync(); Console.WriteLine(receipt);")]
    [InlineData("await cache.RemoveAsync(\"a\"); if (cache is not null) await shop.SaveChangesAsync();")]
    public async Task No_fix_is_offered_where_a_move_would_change_more(string body)
    {
        using var project = Project(body);
        Assert.Empty(await project.OfferedAsync());
    }

    private static AnalyzedProject Project(string body) => new(
        Libraries.EntityFramework,
        Libraries.Dapper,
        $$"""
        using Dapper;
        using Microsoft.EntityFrameworkCore;

        internal static class Writes
        {
            public static void Add(IServiceCollection services) => services.AddUnstale();

            public static async Task SaveAsync(IInvalidator invalidator, HybridCache cache, Shop shop, DbCommand command, DbConnection connection, DbTransaction transaction)
            {
                {{body}}
            }
        }
        """);
}
