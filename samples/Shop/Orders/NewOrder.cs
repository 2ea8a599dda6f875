using System.ComponentModel.DataAnnotations;
using Shop.Data;

namespace Shop.Orders;

/// <summary>Order sent by a client.</summary>
/// <param name="ProductId">Number of the product.</param>
/// <param name="Quantity">Quantity, 1 to 1000.</param>
/// <param name="Customer">Name of the customer, 1 to 100 characters.</param>
internal sealed record NewOrder(
    long? ProductId, [property: Range(1, NewOrder.MaximumQuantity)] int? Quantity, [property: Length(1, NewOrder.MaximumLength)] string? Customer)
{
    public const int MaximumQuantity = 1000;
    private const int MaximumLength = 100;

    /// <summary>Returns the fault in a sentence, or null if there is none.</summary>
    public string? FindFault() => this switch
    {
        { ProductId: null } => "The product_id is missing.",
        { Quantity: null } => "The quantity is missing.",
        { Quantity: < 1 or > MaximumQuantity } => $"The quantity is {Quantity}; it must be from 1 to {MaximumQuantity}.",
        { Customer: null } => "The customer is missing.",
        _ => FindFault(Customer),
    };

    public static string? FindFault(string customer) => customer.Length == 0 ? "The customer is empty." : Texts.FindFault("customer", customer, MaximumLength);

    public CreateOrder ToCommand() => new(Customer!, ProductId!.Value, Quantity!.Value);
}
