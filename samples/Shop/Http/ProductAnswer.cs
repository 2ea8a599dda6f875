using Shop.Data;

namespace Shop.Http;

/// <summary>A product as a client sees it.</summary>
/// <param name="Id">The product's number.</param>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it is.</param>
/// <param name="Price">What it costs.</param>
/// <param name="CategoryId">The number of its category.</param>
/// <param name="CategoryName">The name of its category.</param>
/// <param name="Featured">Whether it is on the front page.</param>
/// <param name="Cached">Whether it came from a cache; false for one that was just read from the database.</param>
internal sealed record ProductAnswer(
    long Id, string Name, string Description, decimal Price, long CategoryId, string CategoryName, bool Featured, bool Cached)
{
    public static ProductAnswer Of(Product product, bool cached) => new(
        product.Id, product.Name, product.Description, product.Price, product.CategoryId, product.CategoryName, product.Featured, cached);
}
