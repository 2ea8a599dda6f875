using Microsoft.EntityFrameworkCore;

namespace CatalogueSample;

/// <summary>Context without a trace of the cache.</summary>
internal sealed class CatalogueContext(DbContextOptions<CatalogueContext> options) : DbContext(options)
{
    /// <summary>Schema in PostgreSQL, so that the sample touches no table of its user. SQLite has no schemas.</summary>
    public const string Schema = "unstale_sample";

    public const int Lamps = 1;
    public const int Chairs = 2;

    public DbSet<Category> Categories => Set<Category>();

    public DbSet<Product> Products => Set<Product>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        if (Database.IsNpgsql())
            modelBuilder.HasDefaultSchema(Schema);
        modelBuilder.Entity<Category>().HasData(new Category { Id = Lamps, Name = "lamps" }, new Category { Id = Chairs, Name = "chairs" });
        modelBuilder.Entity<Product>().HasData(
            new Product { Id = 1, Name = "Arc", CategoryId = Lamps, Price = 39, IsFeatured = true },
            new Product { Id = 2, Name = "Beam", CategoryId = Lamps, Price = 45 },
            new Product { Id = 3, Name = "Cone", CategoryId = Lamps, Price = 89 },
            new Product { Id = 4, Name = "Bench", CategoryId = Chairs, Price = 120, IsFeatured = true },
            new Product { Id = 5, Name = "Stool", CategoryId = Chairs, Price = 55 });
    }
}
