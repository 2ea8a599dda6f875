using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;

namespace Shop.EntityFramework;

/// <summary>Row of a category.</summary>
[Table("categories")]
internal sealed class StoredCategory
{
    [Column("id")]
    [DatabaseGenerated(DatabaseGeneratedOption.None)]
    public long Id { get; init; }

    [Column("name")]
    public string Name { get; set; } = "";

    [Column("version")]
    [ConcurrencyCheck]
    public long Version { get; set; }

    [Column("changed_at")]
    public long ChangedAt { get; set; }
}
