namespace Shop.Http;

/// <summary>What the OpenAPI document says of an endpoint.</summary>
internal static class Describing
{
    public static RouteHandlerBuilder ReadsProduct(this RouteHandlerBuilder endpoint, string strategy, string summary) =>
        endpoint.WithTags(strategy).WithSummary(summary).Produces<ProductAnswer>().RefusesId();

    public static RouteHandlerBuilder ReadsList(this RouteHandlerBuilder endpoint, string strategy, string summary) =>
        endpoint.WithTags(strategy).WithSummary(summary).Produces<ProductAnswer[]>();

    public static RouteHandlerBuilder Writes(this RouteHandlerBuilder endpoint, string strategy, string summary, Type? answer = null) =>
        endpoint.WithTags(strategy).WithSummary(summary)
            .Produces(StatusCodes.Status200OK, answer ?? typeof(MessageAnswer)).RefusesId();

    private static RouteHandlerBuilder RefusesId(this RouteHandlerBuilder endpoint) =>
        endpoint.ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
}
