using Shop.Data;

namespace Shop.Http;

/// <summary>Product in a response.</summary>
/// <param name="Id">Number of the product.</param>
/// <param name="Name">Name of the product.</param>
/// <param name="Description">Description of the product.</param>
/// <param name="Price">Price of the product.</param>
/// <param name="CategoryId">Number of the category.</param>
/// <param name="CategoryName">Name of the category.</param>
/// <param name="Featured">Whether the product is on the front page.</param>
/// <param name="Cached">Whether the product was served from a cache. False if just read from the database.</param>
internal sealed record ProductAnswer(
    long Id, string Name, string Description, decimal Price, long CategoryId, string CategoryName, bool Featured, bool Cached)
{
    public static ProductAnswer Of(Product product, bool cached) => new(
        product.Id, product.Name, product.Description, product.Price, product.CategoryId, product.CategoryName, product.Featured, cached);
}
