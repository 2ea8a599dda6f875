using System.Diagnostics;
using Microsoft.EntityFrameworkCore;

namespace Unstale.Benchmarks.Commits;

/// <summary>
/// <c>SaveChanges</c> of one entity in a context of its own. The commit has returned when the activity of its statement ends: <c>SaveChanges</c> itself
/// returns after the invalidation.
/// </summary>
internal sealed class SavedWrites : IDisposable
{
    private static readonly AsyncLocal<int> Row = new();

    private readonly IDbContextFactory<PriceContext> _contexts;
    private readonly ActivityListener _listener;

    public SavedWrites(IDbContextFactory<PriceContext> contexts, CommitTimes times)
    {
        _contexts = contexts;
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "Npgsql",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => Row.Value > 0 ? ActivitySamplingResult.PropagationData : ActivitySamplingResult.None,
            ActivityStopped = _ =>
            {
                if (Row.Value > 0)
                    times.Committed(Row.Value);
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public async Task WriteAsync(int row)
    {
        Row.Value = row;
        await using var context = _contexts.CreateDbContext();
        context.Attach(new Price { Id = row }).Entity.Amount = row;
        await context.SaveChangesAsync().ConfigureAwait(false);
    }

    public void Dispose() => _listener.Dispose();

    internal sealed class Price
    {
        public int Id { get; set; }

        public int Amount { get; set; }
    }

    internal sealed class PriceContext(DbContextOptions<PriceContext> options) : DbContext(options)
    {
        public DbSet<Price> Prices => Set<Price>();

        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Price>(static price =>
        {
            price.ToTable("products");
            price.Property(static p => p.Id).HasColumnName("id");
            price.Property(static p => p.Amount).HasColumnName("price");
        });
    }
}
