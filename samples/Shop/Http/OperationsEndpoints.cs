using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Shop.Data;
using Unstale;

namespace Shop.Http;

/// <summary>Endpoints for operators of the shop: health, contents of the cache, and the page to try everything.</summary>
internal static class OperationsEndpoints
{
    /// <summary>Maps all endpoints.</summary>
    /// <param name="routes">Routes of the program.</param>
    /// <param name="showsInternals">Whether to include the endpoints and the parts of the page that show keys, tags and nodes.</param>
    public static void Map(IEndpointRouteBuilder routes, bool showsInternals)
    {
        MapHealth(routes);
        if (showsInternals)
            MapInternals(routes);

        ShopPage.Map(routes, showsInternals, routes.ServiceProvider.GetRequiredService<ShopSettings>());
    }

    public static void MapHealth(IEndpointRouteBuilder routes) =>
        routes.MapGet("/health", CheckAsync).WithTags("Operations").WithSummary("Whether the shop can do its work")
            .Produces<HealthAnswer>().Produces<HealthAnswer>(StatusCodes.Status503ServiceUnavailable);

    /// <summary>Maps the endpoints that show the inside of the cache: keys, tags, services and nodes. For development only.</summary>
    public static void MapInternals(IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup("/cache").WithTags("Operations").AddEndpointFilter(CheckKeyAsync).ProducesProblem(StatusCodes.Status400BadRequest);
        keys.MapGet("/stats/{key}", static (string key, UnstaleCache cache) => TypedResults.Ok(KeyStatistics.Of(cache.Explain(key))))
            .WithSummary("What the cache holds under a key (in the environment Development alone)");
        keys.MapGet("/explain/{key}", ExplainAsync).WithSummary("Why the cache holds a key, or does not (in the environment Development alone)");
    }

    /// <summary>Refuses a key for which the cache would throw. The limit is that of the cache.</summary>
    private static ValueTask<object?> CheckKeyAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var services = context.HttpContext.RequestServices;
        var name = services.GetRequiredService<UnstaleCache>().Name;
        var limit = services.GetRequiredService<IOptionsMonitor<UnstaleOptions>>().Get(name).MaximumKeyLength;
        return Texts.FindFault("key", context.GetArgument<string>(0), limit) is { } fault
            ? ValueTask.FromResult<object?>(Answers.BadRequest(fault))
            : next(context);
    }

    private static async Task<Ok<ExplanationAnswer>> ExplainAsync(string key, UnstaleCache cache, CancellationToken cancellationToken) =>
        TypedResults.Ok(ExplanationAnswer.Of(await cache.ExplainAsync(key, cancellationToken: cancellationToken)));

    /// <summary>
    /// Reports the health. All caches of a program follow one log, so one reports the state for all, but any of them can serve a read.
    /// </summary>
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
}
