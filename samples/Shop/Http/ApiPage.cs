using System.Security.Cryptography;
using Scalar.AspNetCore;

namespace Shop.Http;

/// <summary>
/// Page of the API, and the OpenAPI document from which the page is made. For development only. The package of Scalar contains the script, and the
/// policy lets a browser load nothing from another host.
/// </summary>
internal static class ApiPage
{
    private const string Address = "/docs";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapOpenApi();
        routes.MapScalarApiReference(Address, static (options, http) =>
        {
            // The options are made anew for each request, so each page has a nonce of its own.
            var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
            http.Response.Headers.ContentSecurityPolicy =
                $"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
                + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
            options.WithTitle("Unstale: the API of the shop").WithNonce(nonce).DisableDefaultFonts().DisableTelemetry().DisableAgent().DisableMcp().HideDeveloperTools().HideClientButton();
        });
    }
}
