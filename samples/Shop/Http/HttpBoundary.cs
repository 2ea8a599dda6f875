namespace Shop.Http;

/// <summary>Outermost part of the pipeline: adds headers to every response, and problem details to every refusal without a body.</summary>
internal sealed class HttpBoundary : IStartupFilter
{
    /// <summary>Policy for a document that loads nothing and is shown in no frame. The page has its own policy.</summary>
    private const string NothingAllowed = "default-src 'none'; frame-ancestors 'none'";

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(BeginAsync);
        app.UseStatusCodePages();
        next(app);
    };

    private static Task BeginAsync(HttpContext http, RequestDelegate next)
    {
        // Every address has one format, so the header is ignored. Otherwise a client that names another format would not receive a problem.
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
            headers.ContentSecurityPolicy = NothingAllowed;

        // No record of the log reaches a browser or a proxy, so neither may store a response.
        headers.CacheControl = "no-store";
        return Task.CompletedTask;
    }
}
