namespace Shop.Http;

/// <summary>Outermost part of the pipeline: gives every response its headers, and every refusal without a body its problem details.</summary>
internal sealed class HttpBoundary : IStartupFilter
{
    /// <summary>A document that loads nothing and is shown nowhere; the page has a policy of its own.</summary>
    private const string NothingAllowed = "default-src 'none'; frame-ancestors 'none'";

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(BeginAsync);
        app.UseStatusCodePages();
        next(app);
    };

    private static Task BeginAsync(HttpContext http, RequestDelegate next)
    {
        // Every address has one format, so the header decides nothing. A problem would otherwise be lost to a client that names another one.
        http.Request.Headers.Accept = default;

        // Set late: the exception handler clears the headers of a response that it replaces.
        http.Response.OnStarting(static response => SetHeaders(((HttpResponse)response).Headers), http.Response);
        return next(http);
    }

    private static Task SetHeaders(IHeaderDictionary headers)
    {
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (headers.ContentSecurityPolicy.Count == 0)
        {
            headers.ContentSecurityPolicy = NothingAllowed;
        }

        // No record of the log reaches a browser or a proxy, so neither may keep a response.
        headers.CacheControl = "no-store";
        return Task.CompletedTask;
    }
}
