using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Shop.Http;

/// <summary>Page to try every strategy: its files, and the policy that lets a browser load those files alone.</summary>
internal static class ShopPage
{
    private const string Policy =
        "default-src 'none'; img-src data:; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private const string Shown = "data-internals=\"shown\"";
    private const string Hidden = "data-internals=\"hidden\"";
    private const string Dapper = "data-access=\"Dapper\"";
    private const string Uncaptured = "data-capture=\"off\"";
    private const string Captured = "data-capture=\"on\"";

    /// <summary>Maps the page and its files.</summary>
    /// <param name="routes">Routes of the program.</param>
    /// <param name="showsInternals">Whether to include the buttons and lines that show the contents of the cache.</param>
    /// <param name="settings">Settings of the shop.</param>
    public static void Map(IEndpointRouteBuilder routes, bool showsInternals, ShopSettings settings)
    {
        var page = Read("index.html").Replace(Dapper, $"data-access=\"{settings.Access}\"", StringComparison.Ordinal);
        if (settings.HasChangeCapture)
            page = page.Replace(Uncaptured, Captured, StringComparison.Ordinal);
        if (!showsInternals)
            page = page.Replace(Shown, Hidden, StringComparison.Ordinal);

        MapFile(routes, "/", page, "text/html");
        MapFile(routes, "/page/page.css", Read("page.css"), "text/css");
        foreach (var script in (string[])["http.js", "nodes.js", "page.js", "strategies.js"])
            MapFile(routes, $"/page/{script}", Read(script), "text/javascript");
    }

    private static void MapFile(IEndpointRouteBuilder routes, string address, string text, string type) =>
        routes.MapGet(address, ContentHttpResult (HttpContext http) =>
        {
            http.Response.Headers.ContentSecurityPolicy = Policy;
            return TypedResults.Text(text, type, Encoding.UTF8);
        }).ExcludeFromDescription();

    private static string Read(string file)
    {
        using var reader = new StreamReader(typeof(ShopPage).Assembly.GetManifestResourceStream(file)!);
        return reader.ReadToEnd();
    }
}
