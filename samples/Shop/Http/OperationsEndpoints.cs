using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Data;
using Unstale;

namespace Shop.Http;

/// <summary>For those who run the shop: its health, what the cache holds, and the page to try it all.</summary>
internal static class OperationsEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        MapHealth(routes);
        routes.MapGet("/", ShowPage).ExcludeFromDescription();
    }

    public static void MapHealth(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health", CheckAsync).WithTags("Operations").WithSummary("Whether the shop can do its work")
            .Produces<HealthAnswer>().Produces<HealthAnswer>(StatusCodes.Status503ServiceUnavailable);
        routes.MapGet("/cache/stats/{key}", static (string key, UnstaleCache cache) => TypedResults.Ok(KeyStatistics.Of(cache.Inspect(key))))
            .WithTags("Operations").WithSummary("What the cache holds under a key");
        routes.MapGet("/cache/explain/{key}", ExplainAsync).WithTags("Operations").WithSummary("Why the cache holds a key, or does not");
    }

    private static async Task<Ok<ExplanationAnswer>> ExplainAsync(string key, UnstaleCache cache, CancellationToken cancellationToken) =>
        TypedResults.Ok(ExplanationAnswer.Of(await cache.ExplainAsync(key, cancellationToken: cancellationToken)));

    /// <summary>All caches of a program follow one log, so one tells for all how that stands; a read may be answered from any.</summary>
    private static async Task<IResult> CheckAsync(
        ShopDatabase database, UnstaleCache cache, IServiceProvider services, IConfiguration configuration, CancellationToken cancellationToken)
    {
        var hasRedis = !string.IsNullOrEmpty(configuration.GetConnectionString("Redis"));
        var hasDatabase = await IsThereAsync(database, cancellationToken);
        var entries = services.GetKeyedServices<UnstaleCache>(KeyedService.AnyKey).Sum(static held => held.GetStatistics().Entries);
        var health = HealthAnswer.Of(hasDatabase, hasRedis, cache.GetLogState(), entries);
        return TypedResults.Json(health, statusCode: health.Status == "unhealthy" ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
    }

    private static async Task<bool> IsThereAsync(ShopDatabase database, CancellationToken cancellationToken)
    {
        try
        {
            await database.PingAsync(cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return false;
        }
    }

    private static FileStreamHttpResult ShowPage(HttpContext http)
    {
        http.Response.Headers.ContentSecurityPolicy =
            "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none'";
        return TypedResults.Stream(typeof(OperationsEndpoints).Assembly.GetManifestResourceStream("page.html")!, "text/html; charset=utf-8");
    }
}
