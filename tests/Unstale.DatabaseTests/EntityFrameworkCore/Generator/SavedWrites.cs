using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata;
using Unstale.DatabaseTests.EntityFrameworkCore.Reads;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Generator;

/// <summary>Random writes by a context, whose changes the context raises itself.</summary>
/// <param name="shop">Database and nodes.</param>
/// <param name="random">Random numbers.</param>
internal sealed class SavedWrites(GeneratorShop shop, Random random) : IRandomWriter
{
    private const int Keys = 8;

    public async Task<RandomWrite> WriteAsync(GeneratorNode node, Func<Task> read)
    {
        await using var context = node.Open();
        var rows = new List<(string Table, int? Id)>();
        var text = random.Next(10) switch
        {
            < 6 => await SaveAsync(context, rows),
            6 or 7 => await ExecuteAsync(context, rows),
            _ => await InTransactionAsync(context, rows, read),
        };
        return new RandomWrite(text, rows);
    }

    /// <summary>Writes in a transaction of the application, which is rolled back at times, also to a savepoint.</summary>
    private async Task<string> InTransactionAsync(ShopContext context, List<(string Table, int? Id)> rows, Func<Task> read)
    {
        await using var transaction = await context.Database.BeginTransactionAsync();
        var text = await SaveAsync(context, rows);
        if (random.Next(3) == 0)
        {
            await transaction.CreateSavepointAsync("before");
            var undone = await ExecuteAsync(context, []);
            await transaction.RollbackToSavepointAsync("before");
            text += $", undone: {undone}";
        }
        else
            text += $", {await ExecuteAsync(context, rows)}";
        if (shop.IsPostgres) // SQLite locks the tables
            await read();
        if (random.Next(4) > 0)
        {
            await transaction.CommitAsync();
            return $"transaction: {text}";
        }

        await transaction.RollbackAsync();
        rows.Clear();
        return $"rolled back: {text}";
    }

    /// <summary>Saves one to three entities.</summary>
    private async Task<string> SaveAsync(ShopContext context, List<(string Table, int? Id)> rows)
    {
        var changes = new HashSet<string>(StringComparer.Ordinal);
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var type = context.Model.FindEntityType(random.Next(10) switch { < 6 => typeof(Product), < 8 => typeof(Category), _ => typeof(OrderLine) })!;
            var id = random.Next(1, Keys + 1);
            if (context.ChangeTracker.Entries().Any(entry => entry.Metadata == type && (entry.State is EntityState.Added or EntityState.Deleted || Equals(entry.Property("Id").CurrentValue, id))))
                continue; // Entity Framework Core refuses to add or delete two products that are the parents of each other
            var state = Change(context, type, id, await context.FindAsync(type.ClrType, id));
            rows.Add((type.GetTableName()!, id));
            changes.Add($"{state} {type.GetTableName()} {id}");
        }

        await context.SaveChangesAsync();
        return string.Join(", ", changes);
    }

    private EntityState Change(ShopContext context, IEntityType type, int id, object? found)
    {
        var columns = type.GetProperties().Where(static property => !property.IsPrimaryKey()).ToArray();
        if (found is not null && random.Next(5) == 0)
            return context.Remove(found).State;
        if (found is not null)
        {
            var known = context.Entry(found);
            for (var i = 0; i < 2; i++)
                Set(known, columns[random.Next(columns.Length)]);
            return known.State;
        }

        var entry = context.Entry(Activator.CreateInstance(type.ClrType)!);
        entry.Property("Id").CurrentValue = id;
        foreach (var column in columns)
            Set(entry, column);
        entry.State = EntityState.Added;
        return entry.State;
    }

    private void Set(EntityEntry entry, IProperty property) => entry.Property(property.Name).CurrentValue = Values.Of(random, property.Name);

    /// <summary>Executes a statement.</summary>
    private async Task<string> ExecuteAsync(ShopContext context, List<(string Table, int? Id)> rows)
    {
        var (category, rating, id, kind) = (Values.Category(random), Values.Rating(random), random.Next(1, Keys + 1), random.Next(3));
        var number = random.Next(7);
        rows.Add((number switch { < 4 => "Products", 4 => "Categories", _ => "Lines" }, number is 3 or 4 ? id : null));
        var count = number switch
        {
            0 => await context.Products.Where(p => p.CategoryId == category).ExecuteUpdateAsync(set => set.SetProperty(static p => p.Rating, rating)),
            1 => await context.Products.Where(p => p.Rating == rating && p.IsActive).ExecuteUpdateAsync(static set => set.SetProperty(static p => p.CategoryId, static p => p.Rating)),
            2 => await context.Database.ExecuteSqlAsync($"UPDATE \"Products\" SET \"Rating\" = {kind} WHERE \"Id\" > {id}"),
            3 => await context.Products.Where(p => p.Id == id && !p.IsActive).ExecuteDeleteAsync(),
            4 => await context.Categories.Where(c => c.Id == id).ExecuteUpdateAsync(set => set.SetProperty(static c => c.Kind, kind)),
            5 => await context.Lines.Where(l => l.Quantity == kind).ExecuteUpdateAsync(set => set.SetProperty(static l => l.ProductId, id)),
            _ => await context.Lines.Where(l => l.ProductId == id).ExecuteDeleteAsync(),
        };
        return $"statement {number} ({category}, {rating}, {id}, {kind}): {count} rows";
    }
}
