using Microsoft.EntityFrameworkCore;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Reads;

public enum Status
{
    Draft,
    Sold,
    Gone,
}

public sealed class Category
{
    public int Id { get; set; }

    public string Name { get; set; } = "";

    public int Kind { get; set; }

    public List<Product> Products { get; } = [];
}

public sealed class Product
{
    public int Id { get; set; }

    public string Name { get; set; } = "";

    public int? CategoryId { get; set; }

    public Category? Category { get; set; }

    public decimal Price { get; set; }

    public int? Rating { get; set; }

    public bool IsActive { get; set; }

    public DateTime Added { get; set; }

    public string? Note { get; set; }

    public Status Status { get; set; }

    public int? ParentId { get; set; }

    public Product? Parent { get; set; }

    public List<OrderLine> Lines { get; } = [];

    public List<Label> Labels { get; } = [];
}

public sealed class OrderLine
{
    public int Id { get; set; }

    public int ProductId { get; set; }

    public Product? Product { get; set; }

    public int Quantity { get; set; }
}

public sealed class Label
{
    public int Id { get; set; }

    public string Text { get; set; } = "";

    public List<Product> Products { get; } = [];
}

/// <summary>Entity with a query filter that reads the context.</summary>
public sealed class Secret
{
    public int Id { get; set; }

    public int Tenant { get; set; }

    public string Text { get; set; } = "";
}

public sealed class Customer
{
    public int Id { get; set; }

    public Address Address { get; set; } = new();
}

public sealed class Address
{
    public string City { get; set; } = "";

    public string Zip { get; set; } = "";
}

public class Animal
{
    public int Id { get; set; }
}

public sealed class Cat : Animal
{
    public int Lives { get; set; }
}

public sealed class Dog : Animal
{
    public int Barks { get; set; }
}

public class Vehicle
{
    public int Id { get; set; }

    public int Wheels { get; set; }
}

public sealed class Car : Vehicle
{
    public int Doors { get; set; }
}

public abstract class Shape
{
    public int Id { get; set; }

    public int Color { get; set; }
}

public sealed class Circle : Shape
{
    public int Radius { get; set; }
}

public sealed class Square : Shape
{
    public int Side { get; set; }
}

/// <summary>Rows of a view.</summary>
public sealed class Summary
{
    public int CategoryId { get; set; }

    public int Products { get; set; }
}

public sealed class ShopContext(DbContextOptions<ShopContext> options) : DbContext(options)
{
    public int Tenant { get; set; } = 1;

    public DbSet<Category> Categories => Set<Category>();

    public DbSet<Product> Products => Set<Product>();

    public DbSet<OrderLine> Lines => Set<OrderLine>();

    public DbSet<Label> Labels => Set<Label>();

    public DbSet<Secret> Secrets => Set<Secret>();

    public DbSet<Customer> Customers => Set<Customer>();

    public DbSet<Animal> Animals => Set<Animal>();

    public DbSet<Vehicle> Vehicles => Set<Vehicle>();

    public DbSet<Shape> Shapes => Set<Shape>();

    public DbSet<Summary> Summaries => Set<Summary>();

    /// <summary>Function of the application in the database.</summary>
    public static int Score(int id) => throw new NotSupportedException();

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.Entity<Product>().Property(static product => product.Note).UseCollation(Database.ProviderName!.Contains("Sqlite", StringComparison.Ordinal) ? "NOCASE" : null!);
        model.Entity<Product>().Property(static product => product.Price).HasPrecision(10, 2);
        model.Entity<Product>().Property(static product => product.Added).HasColumnType(Database.ProviderName!.Contains("Sqlite", StringComparison.Ordinal) ? "TEXT" : "timestamp without time zone");
        model.Entity<Product>().HasMany(static product => product.Labels).WithMany(static label => label.Products);
        model.Entity<Secret>().HasQueryFilter(secret => secret.Tenant == Tenant);
        model.Entity<Customer>().OwnsOne(static customer => customer.Address);
        model.Entity<Cat>();
        model.Entity<Dog>();
        model.Entity<Vehicle>().UseTptMappingStrategy();
        model.Entity<Car>();
        model.Entity<Shape>().UseTpcMappingStrategy();
        model.Entity<Circle>();
        model.Entity<Square>();
        model.Entity<Summary>().HasNoKey().ToView("Summaries");
        model.HasDbFunction(typeof(ShopContext).GetMethod(nameof(Score))!).HasName("score");
    }
}
