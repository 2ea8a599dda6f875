using Microsoft.EntityFrameworkCore;

namespace Shop.EntityFramework;

/// <summary>Context without a trace of the cache, over the tables that both kinds of data access share.</summary>
internal sealed class ShopContext(DbContextOptions<ShopContext> options) : DbContext(options)
{
    public DbSet<StoredCategory> Categories => Set<StoredCategory>();

    public DbSet<StoredProduct> Products => Set<StoredProduct>();

    public DbSet<StoredOrder> Orders => Set<StoredOrder>();
}
