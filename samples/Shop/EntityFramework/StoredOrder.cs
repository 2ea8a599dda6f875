using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;

namespace Shop.EntityFramework;

/// <summary>Row of an order, which no write changes. The customer is checked, so that a cancellation leaves the lists of other customers cached.</summary>
[Table("orders")]
internal sealed class StoredOrder
{
    [Column("id")]
    public long Id { get; init; }

    [Column("customer")]
    [ConcurrencyCheck]
    public string Customer { get; init; } = "";

    [Column("product_id")]
    public long ProductId { get; init; }

    [Column("product_name")]
    public string ProductName { get; init; } = "";

    [Column("price_in_cents")]
    public long PriceInCents { get; init; }

    [Column("quantity")]
    public long Quantity { get; init; }
}
