using Microsoft.EntityFrameworkCore;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Forms;

public enum Level : short
{
    Low = -1,
    Middle,
    High,
}

/// <summary>Row with a column of each type that has a form.</summary>
public sealed class Sample
{
    public int Id { get; set; }

    public bool? Flag { get; set; }

    public byte? Tiny { get; set; }

    public int? Number { get; set; }

    public long? Long { get; set; }

    public decimal? Money { get; set; }

    public decimal? Free { get; set; }

    public double? Real { get; set; }

    public float? Single { get; set; }

    public string? Text { get; set; }

    public string? Fixed { get; set; }

    public string? Folded { get; set; }

    public string? Trimmed { get; set; }

    public Guid? Guid { get; set; }

    public byte[]? Bytes { get; set; }

    public DateTime? Time { get; set; }

    public DateTimeOffset? Moment { get; set; }

    public DateOnly? Day { get; set; }

    public TimeOnly? Clock { get; set; }

    public TimeSpan? Span { get; set; }

    public Level? Level { get; set; }

    public Level? Named { get; set; }
}

public sealed class FormContext(DbContextOptions<FormContext> options) : DbContext(options)
{
    public DbSet<Sample> Samples => Set<Sample>();

    protected override void OnModelCreating(ModelBuilder model) => model.Entity<Sample>(sample =>
    {
        var isSqlite = Database.ProviderName!.EndsWith("Sqlite", StringComparison.Ordinal);
        sample.Property(static s => s.Money).HasPrecision(10, 2);
        sample.Property(static s => s.Named).HasConversion<string>();
        if (isSqlite)
        {
            sample.Property(static s => s.Money).HasColumnType("decimal(10,2)"); // affinity NUMERIC
            sample.Property(static s => s.Folded).UseCollation("NOCASE");
            sample.Property(static s => s.Trimmed).UseCollation("RTRIM");
        }
        else
        {
            sample.Property(static s => s.Fixed).HasMaxLength(4).IsFixedLength();
            sample.Property(static s => s.Trimmed).HasMaxLength(4);
            sample.Property(static s => s.Folded).UseCollation("C");
            sample.Property(static s => s.Time).HasColumnType("timestamp(3) without time zone");
        }
    });
}
