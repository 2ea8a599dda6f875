using Microsoft.EntityFrameworkCore;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Writes;

/// <summary>Model with each kind of mapping that writes must follow.</summary>
public sealed class WriteContext(DbContextOptions<WriteContext> options) : DbContext(options)
{
    public DbSet<Category> Categories => Set<Category>();

    public DbSet<Product> Products => Set<Product>();

    public DbSet<Shelf> Shelves => Set<Shelf>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Category>().ToTable("category").Property(static c => c.Id).HasColumnName("id");
        modelBuilder.Entity<Product>(of =>
        {
            of.ToTable("product");
            of.Property(static p => p.Id).HasColumnName("id");
            of.Property(static p => p.Cost).HasColumnName("cost");
            of.Property(static p => p.CategoryId).HasColumnName("category_id");
            of.Property(static p => p.Twice).HasColumnName("twice").HasComputedColumnSql("cost * 2", stored: true);
            of.HasOne(static p => p.Category).WithMany(static c => c.Products).OnDelete(DeleteBehavior.Cascade);
            of.HasMany(static p => p.Labels).WithMany().UsingEntity("product_label", static r => r.HasOne(typeof(Label)).WithMany().HasForeignKey("label_id"),
                static l => l.HasOne(typeof(Product)).WithMany().HasForeignKey("product_id"));
            of.OwnsOne(static p => p.Size, static s => s.Property(static z => z.Width).HasColumnName("width"));
            of.Navigation(static p => p.Size).IsRequired(required: false);
        });
        modelBuilder.Entity<Review>().ToTable("review").HasOne<Product>().WithMany().HasForeignKey(static r => r.ProductId).OnDelete(DeleteBehavior.Cascade);
        modelBuilder.Entity<Hint>().ToTable("hint").HasOne<Category>().WithMany().HasForeignKey(static h => h.CategoryId).OnDelete(DeleteBehavior.SetNull);
        modelBuilder.Entity<Label>().ToTable("label");
        modelBuilder.Entity<Person>().UseTptMappingStrategy().ToTable("person");
        modelBuilder.Entity<Employee>().ToTable("employee");
        modelBuilder.Entity<Pet>().ToTable("pet").HasDiscriminator<string>("kind").HasValue<Pet>("pet").HasValue<Cat>("cat");
        modelBuilder.Entity<Shelf>().ToTable("shelf").Property(static s => s.Stock).IsConcurrencyToken();
        modelBuilder.Entity<Folder>().ToTable("folder").OwnsOne(static f => f.Cover, static c => c.ToJson("cover"));
        if (Database.IsNpgsql())
        {
            modelBuilder.Entity<Account>().ToTable("account").Property(static a => a.Version).IsRowVersion();
            modelBuilder.HasCollation("letters", locale: "und-u-ks-level1", provider: "icu", deterministic: false);
            modelBuilder.Entity<Label>().Property(static l => l.Title).UseCollation("letters");
        }
        else
            modelBuilder.Ignore<Account>();
    }
}

public sealed class Category
{
    public int Id { get; set; }

    public string? Name { get; set; }

    public ICollection<Product> Products { get; } = [];
}

public sealed class Product
{
    public int Id { get; set; }

    public int Cost { get; set; }

    public int Twice { get; private set; }

    public int CategoryId { get; set; }

    public Category? Category { get; set; }

    public Extent? Size { get; set; }

    public ICollection<Label> Labels { get; } = [];
}

public sealed class Extent
{
    public int Width { get; set; }
}

public sealed class Review
{
    public int Id { get; set; }

    public int ProductId { get; set; }
}

public sealed class Hint
{
    public int Id { get; set; }

    public int? CategoryId { get; set; }
}

public sealed class Label
{
    public int Id { get; set; }

    public int Weight { get; set; }

    public string? Title { get; set; }
}

public class Person
{
    public int Id { get; set; }

    public int Age { get; set; }
}

public sealed class Employee : Person
{
    public int Salary { get; set; }
}

public class Pet
{
    public int Id { get; set; }
}

public sealed class Cat : Pet
{
    public int Lives { get; set; }
}

public sealed class Shelf
{
    public int Id { get; set; }

    public int Stock { get; set; }

    public int Place { get; set; }
}

public sealed class Folder
{
    public int Id { get; set; }

    public int Pages { get; set; }

    public Cover Cover { get; set; } = new();
}

public sealed class Cover
{
    public int Color { get; set; }
}

public sealed class Account
{
    public int Id { get; set; }

    public int Owner { get; set; }

    public int Balance { get; set; }

    public uint Version { get; set; }
}
