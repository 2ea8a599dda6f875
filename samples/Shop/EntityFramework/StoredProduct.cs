using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;

namespace Shop.EntityFramework;

/// <summary>
/// Row of a product. The checked columns are those that queries filter by: old values that the database has checked prove which lists contained the row.
/// </summary>
[Table("products")]
internal sealed class StoredProduct
{
    [Column("id")]
    [DatabaseGenerated(DatabaseGeneratedOption.None)]
    public long Id { get; init; }

    [Column("name")]
    public string Name { get; set; } = "";

    [Column("description")]
    public string Description { get; set; } = "";

    [Column("price_in_cents")]
    public long PriceInCents { get; set; }

    [Column("category_id")]
    [ConcurrencyCheck]
    public long CategoryId { get; set; }

    public StoredCategory Category { get; set; } = null!;

    [Column("featured")]
    [ConcurrencyCheck]
    public bool Featured { get; set; }

    [Column("version")]
    [ConcurrencyCheck]
    public long Version { get; set; }

    [Column("changed_at")]
    public long ChangedAt { get; set; }
}
