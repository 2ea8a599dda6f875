using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Data;
using Unstale;

namespace Shop.Http;

/// <summary>For those who run the shop: its health, what the cache holds, and the page to try it all.</summary>
internal static class OperationsEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health", CheckAsync).WithTags("Operations").WithSummary("Whether the shop can do its work")
            .Produces<HealthAnswer>().Produces<HealthAnswer>(StatusCodes.Status503ServiceUnavailable);
        routes.MapGet("/cache/stats/{key}", static (string key, UnstaleCache cache) => TypedResults.Ok(KeyStatistics.Of(cache.Inspect(key))))
            .WithTags("Operations").WithSummary("What the cache holds under a key");
        routes.MapGet("/", ShowPage).ExcludeFromDescription();
    }

    private static async Task<IResult> CheckAsync(ShopDatabase database, UnstaleCache cache, CancellationToken cancellationToken)
    {
        try
        {
            await database.PingAsync(cancellationToken);
            return TypedResults.Ok(new HealthAnswer("healthy", "connected", "not configured"));
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            var degraded = cache.GetStatistics().Entries > 0;
            return TypedResults.Json(
                new HealthAnswer(degraded ? "degraded" : "unhealthy", "unreachable", "not configured"),
                statusCode: degraded ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        }
    }

    private static FileStreamHttpResult ShowPage(HttpContext http)
    {
        http.Response.Headers.ContentSecurityPolicy =
            "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none'";
        return TypedResults.Stream(typeof(OperationsEndpoints).Assembly.GetManifestResourceStream("page.html")!, "text/html; charset=utf-8");
    }
}
