using Scalar.AspNetCore;

namespace Shop.Http;

/// <summary>Page of the API, and the document from which the page is made. For development only.</summary>
internal static class ApiPage
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapOpenApi();
        routes.MapScalarApiReference("/docs", static options => options
            .WithTitle("Unstale: the API of the shop").DisableDefaultFonts().DisableTelemetry().DisableAgent().DisableMcp());
    }
}
