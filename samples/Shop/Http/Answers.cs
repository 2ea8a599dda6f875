using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Data;
using Unstale;

namespace Shop.Http;

/// <summary>Responses of the endpoints.</summary>
internal static class Answers
{
    /// <summary>Response header with the origin of the value: memory, stale, remote, load or joined.</summary>
    public const string OutcomeHeader = "X-Cache";

    public static IResult Of(HttpContext http, CacheResult<Product?> read)
    {
        if (read.Value is null)
            return ProductNotFound();

        return TypedResults.Ok(ProductAnswer.Of(read.Value, Note(http, read.Outcome)));
    }

    public static IResult Of(HttpContext http, CacheResult<ProductList?> read)
    {
        if (read.Value is null)
            return CategoryNotFound();

        var cached = Note(http, read.Outcome);
        return TypedResults.Ok(read.Value.Products.Select(product => ProductAnswer.Of(product, cached)).ToArray());
    }

    public static Ok<MessageAnswer> Message(string text) => TypedResults.Ok(new MessageAnswer(text));

    public static ProblemHttpResult ProductNotFound() => NotFound("Product not found");

    public static ProblemHttpResult CategoryNotFound() => NotFound("Category not found");

    public static ProblemHttpResult BadRequest(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status400BadRequest);

    public static ProblemHttpResult NotFound(string what) =>
        TypedResults.Problem(what, title: what, statusCode: StatusCodes.Status404NotFound);

    /// <summary>
    /// Sets the header, and returns whether the value was served from a cache. A caller that joined another's load received the value from the
    /// database.
    /// </summary>
    public static bool Note(HttpContext http, CacheOutcome outcome)
    {
        http.Response.Headers[OutcomeHeader] = outcome.ToString().ToLowerInvariant();
        return outcome is CacheOutcome.Memory or CacheOutcome.Stale or CacheOutcome.Untrusted or CacheOutcome.Remote;
    }
}
