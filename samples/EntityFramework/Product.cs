using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;

namespace CatalogueSample;

/// <summary>
/// Product with three checked columns: a save fails if another writer has changed one of them since the read. Old values that the database has checked prove
/// which results contained the row before. Without them, a save invalidates more results, never fewer.
/// </summary>
[Table("products")]
internal sealed class Product
{
    [Column("id")]
    public int Id { get; init; }

    [Column("name")]
    public required string Name { get; set; }

    [Column("category_id")]
    [ConcurrencyCheck]
    public int CategoryId { get; set; }

    public Category? Category { get; init; }

    [Column("price")]
    [ConcurrencyCheck]
    public decimal Price { get; set; }

    [Column("featured")]
    [ConcurrencyCheck]
    public bool IsFeatured { get; set; }

    [Column("views")]
    public int Views { get; set; }
}
