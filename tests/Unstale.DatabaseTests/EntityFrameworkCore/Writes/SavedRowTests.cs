using Microsoft.EntityFrameworkCore;
using Unstale.IntegrationTests.PostgreSql;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Writes;

/// <summary>Changes of rows that SaveChanges raises.</summary>
[Collection<PostgresCollection>]
public sealed class SavedRowTests(PostgresServer server)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_insert_has_the_keys_and_values_that_the_database_generated(bool isPostgres)
    {
        await using var shop = await StartAsync(isPostgres);
        await using var context = shop.Context();
        var product = new Product { Cost = 5, Category = new Category() };
        context.Add(product);
        await context.SaveChangesAsync(Stop);
        Assert.Equal(
            [$"category insert new{{id={product.CategoryId};Name=null}} + product insert new{{id={product.Id};category_id={product.CategoryId};cost=5;twice=10}}"],
            await shop.RecordsAsync());
        Assert.True(product is { Id: > 2, CategoryId: > 2 });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_update_has_the_written_and_the_computed_columns_and_no_unchecked_old_value(bool isPostgres)
    {
        await using var shop = await StartAsync(isPostgres);
        await shop.HoldAsync("same", Predicate.On("product").Where("id", 1).Using("cost"));
        await shop.HoldAsync("other", Predicate.On("product").Where("id", 2).Using("cost"));
        await shop.HoldAsync("column", Predicate.On("product").Where("id", 1).Using("category_id"));
        await using var context = shop.Context();
        (await context.Products.SingleAsync(static p => p.Id == 1, Stop)).Cost = 11;
        await context.SaveChangesAsync(Stop);
        Assert.Equal(["product update old{id=1} new{cost=11;twice=22} changed{cost,twice}"], await shop.RecordsAsync());
        Assert.Equal((false, true, true), (shop.IsHeld("same"), shop.IsHeld("other"), shop.IsHeld("column")));
    }

    [Fact]
    public async Task A_synchronous_save_raises_the_same_record()
    {
        await using var shop = await StartAsync(isPostgres: false);
        await using var context = shop.Context();
        context.Products.Single(static p => p.Id == 1).Cost = 11;
        context.SaveChanges();
        Assert.Equal(["product update old{id=1} new{cost=11;twice=22} changed{cost,twice}"], await shop.RecordsAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_delete_has_the_key_and_the_changes_that_the_database_makes_in_other_tables(bool isPostgres)
    {
        await using var shop = await StartAsync(isPostgres);
        await using var context = shop.Context();
        context.Remove(await context.Categories.SingleAsync(static c => c.Id == 1, Stop));
        await context.SaveChangesAsync(Stop);
        var record = Assert.Single(await shop.RecordsAsync());
        Assert.Equal(
            ["category delete old{id=1}", "hint update old{CategoryId=1} new{CategoryId=null} changed{CategoryId}", "product delete old{category_id=1}", "product_label delete", "review delete"],
            record.Split(" + ").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_owned_type_is_part_of_the_row_of_its_owner(bool isPostgres)
    {
        await using var shop = await StartAsync(isPostgres);
        await using var context = shop.Context();
        var product = await context.Products.SingleAsync(static p => p.Id == 1, Stop);
        product.Cost = 11;
        product.Size!.Width = 4;
        await context.SaveChangesAsync(Stop);
        product.Size = new Extent { Width = 5 };
        await context.SaveChangesAsync(Stop);
        product.Size = null;
        await context.SaveChangesAsync(Stop);
        context.Add(new Product { Cost = 1, CategoryId = 1, Size = new Extent { Width = 6 } });
        await context.SaveChangesAsync(Stop);
        Assert.Equal(
            [
                "product update old{id=1} new{cost=11;twice=22;width=4} changed{cost,twice,width}",
                "product update old{id=1} new{width=5;twice=22} changed{width,twice}",
                "product update old{id=1} new{twice=22} changed{width,twice}",
                $"product insert new{{id={context.Products.Max(static p => p.Id)};category_id=1;cost=1;twice=2;width=6}}",
            ],
            await shop.RecordsAsync());
    }

    [Fact]
    public async Task A_computed_column_of_the_row_counts_as_changed_if_only_the_owned_type_was_saved()
    {
        await using var shop = await StartAsync(isPostgres: false);
        await using var context = shop.Context();
        (await context.Products.SingleAsync(static p => p.Id == 1, Stop)).Size!.Width = 9;
        await context.SaveChangesAsync(Stop);
        Assert.Equal(["product update old{id=1} new{width=9;twice=20} changed{width,twice}"], await shop.RecordsAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Each_table_of_a_hierarchy_has_its_row(bool isPostgres)
    {
        await using var shop = await StartAsync(isPostgres);
        await using var context = shop.Context();
        var (employee, cat) = (new Employee { Age = 30, Salary = 7 }, new Cat { Lives = 9 });
        context.AddRange(employee, cat);
        await context.SaveChangesAsync(Stop);
        employee.Salary = 8;
        await context.SaveChangesAsync(Stop);
        context.Remove(employee);
        await context.SaveChangesAsync(Stop);
        var kind = shop.Cache.ColumnHash.OfText("cat");
        var records = await shop.RecordsAsync();
        Assert.Equal(
            ["employee insert new{Id=1;Salary=7}", "person insert new{Id=1;Age=30}", $"pet insert new{{Id=1;Lives=9;kind={kind}}}"],
            records[0].Split(" + ").Order(StringComparer.Ordinal));
        Assert.Equal("employee update old{Id=1} new{Salary=8} changed{Salary}", records[1]);
        Assert.Equal(["employee delete old{Id=1}", "person delete old{Id=1}"], records[2].Split(" + ").Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_row_of_a_join_table_is_a_change(bool isPostgres)
    {
        await using var shop = await StartAsync(isPostgres);
        await using var context = shop.Context();
        var product = await context.Products.Include(static p => p.Labels).SingleAsync(static p => p.Id == 1, Stop);
        product.Labels.Add(await context.Set<Label>().SingleAsync(Stop));
        await context.SaveChangesAsync(Stop);
        product.Labels.Clear();
        await context.SaveChangesAsync(Stop);
        Assert.Equal(["product_label insert new{label_id=1;product_id=1}", "product_label delete old{label_id=1;product_id=1}"], await shop.RecordsAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_changed_document_is_a_changed_column_of_its_owner(bool isPostgres)
    {
        await using var shop = await StartAsync(isPostgres);
        await using var context = shop.Context();
        var folder = new Folder { Pages = 3 };
        context.Add(folder);
        await context.SaveChangesAsync(Stop);
        folder.Cover.Color = 4;
        await context.SaveChangesAsync(Stop);
        folder.Pages = 5;
        await context.SaveChangesAsync(Stop);
        Assert.Equal(
            ["folder insert new{Id=1;Pages=3}", "folder update old{Id=1} changed{cover}", "folder update old{Id=1} new{Pages=5} changed{Pages}"], await shop.RecordsAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_old_value_of_a_concurrency_token_counts(bool isPostgres)
    {
        await using var shop = await StartAsync(isPostgres);
        await using var context = shop.Context();
        var shelf = new Shelf { Stock = 3, Place = 7 };
        context.Add(shelf);
        await context.SaveChangesAsync(Stop);
        (shelf.Stock, shelf.Place) = (2, 8);
        await context.SaveChangesAsync(Stop);
        context.Remove(shelf);
        await context.SaveChangesAsync(Stop);
        Assert.Equal(
            ["shelf update old{Id=1;Stock=3} new{Place=8;Stock=2} changed{Place,Stock}", "shelf delete old{Id=1;Stock=2}"],
            (await shop.RecordsAsync())[1..]);
    }

    [Fact]
    public async Task A_value_without_a_form_as_coarse_as_its_collation_is_unknown()
    {
        await using var shop = await StartAsync(isPostgres: true);
        await using var context = shop.Context();
        context.Add(new Label { Title = "Garden" });
        await context.SaveChangesAsync(Stop);
        Assert.Equal(["label insert new{Id=11;Weight=0}"], await shop.RecordsAsync());
    }

    [Fact]
    public async Task An_original_value_that_another_writer_has_replaced_does_not_count()
    {
        await using var shop = await StartAsync(isPostgres: false);
        await using var context = shop.Context();
        var product = await context.Products.SingleAsync(static p => p.Id == 1, Stop);
        await using (var other = shop.Context())
        {
            (await other.Products.SingleAsync(static p => p.Id == 1, Stop)).CategoryId = 2;
            await other.SaveChangesAsync(Stop);
        }

        await shop.HoldAsync("list of 2", Predicate.On("product").Where("category_id", 2).Using("id"));
        context.Entry(product).Property(static p => p.CategoryId).IsModified = true;
        await context.SaveChangesAsync(Stop);
        Assert.False(shop.IsHeld("list of 2"));
    }

    [Fact]
    public async Task With_a_version_all_old_values_count_if_a_query_of_the_context_has_read_them()
    {
        await using var shop = await StartAsync(isPostgres: true);
        uint version;
        await using (var first = shop.Context())
        {
            first.Add(new Account { Id = 1, Owner = 4, Balance = 100 });
            await first.SaveChangesAsync(Stop);
            version = (await first.Set<Account>().AsNoTracking().SingleAsync(Stop)).Version;
        }

        await shop.RecordsAsync();
        await using var context = shop.Context();
        var read = await context.Set<Account>().SingleAsync(Stop);
        read.Balance = 90;
        await context.SaveChangesAsync(Stop);
        await using var web = shop.Context();
        web.Update(new Account { Id = 1, Owner = 4, Balance = 80, Version = read.Version });
        await web.SaveChangesAsync(Stop);
        var records = await shop.RecordsAsync();
        Assert.Equal($"account update old{{Id=1;Balance=100;Owner=4;xmin={version}}} new{{Balance=90;xmin={read.Version}}} changed{{Balance,xmin}}", records[0]);
        Assert.StartsWith($"account update old{{Id=1;xmin={read.Version}}} new{{Balance=80;Owner=4;", records[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_old_values_are_logged_once_for_each_type_with_the_remedy()
    {
        await using var shop = await StartAsync(isPostgres: false);
        var options = new DbContextOptionsBuilder<LoggingContext>();
        options.UseSqlite("Data Source=:memory:").UseUnstale(shop.Cache);
        await using var context = new LoggingContext(options.Options);
        await context.Database.OpenConnectionAsync(Stop);
        await context.Database.EnsureCreatedAsync(Stop);
        var label = new Label();
        context.Add(label);
        await context.SaveChangesAsync(Stop);
        Assert.Empty(shop.LogLines);
        for (var i = 0; i < 2; i++)
        {
            label.Weight++;
            await context.SaveChangesAsync(Stop);
        }

        Assert.StartsWith("Label: updates and deletes invalidate more than necessary", Assert.Single(shop.LogLines), StringComparison.Ordinal);
        Assert.Contains("Add a row version", shop.LogLines.Single(), StringComparison.Ordinal);
    }

    private Task<WrittenShop> StartAsync(bool isPostgres) => WrittenShop.StartAsync(isPostgres ? server : null);

    private sealed class LoggingContext(DbContextOptions<LoggingContext> options) : DbContext(options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Label>();
    }
}
