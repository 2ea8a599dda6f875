using System.ComponentModel.DataAnnotations.Schema;

namespace CatalogueSample;

[Table("categories")]
internal sealed class Category
{
    [Column("id")]
    public int Id { get; init; }

    [Column("name")]
    public required string Name { get; set; }
}
