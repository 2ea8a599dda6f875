using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;

namespace Shop.Http;

/// <summary>Handler that turns errors into problem details (RFC 9457), which help the caller and show no internals.</summary>
internal sealed class Problems(IProblemDetailsService writer) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not BadHttpRequestException bad)
            return false;

        httpContext.Response.StatusCode = bad.StatusCode;
        return await writer.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = httpContext,
            ProblemDetails = { Status = bad.StatusCode, Detail = Explain(httpContext, bad) },
        });
    }

    /// <summary>Adds a description to a problem without one.</summary>
    public static void Complete(ProblemDetailsContext context)
    {
        var request = context.HttpContext.Request;
        context.ProblemDetails.Instance ??= request.Path;
        context.ProblemDetails.Detail ??= context.ProblemDetails.Status switch
        {
            StatusCodes.Status404NotFound => $"There is nothing at {request.Path}.",
            StatusCodes.Status405MethodNotAllowed => $"{request.Method} is not for {request.Path}.",
            StatusCodes.Status413PayloadTooLarge => $"The body is too large; it can have {HttpDefaults.MaximumBodySize} bytes.",
            StatusCodes.Status415UnsupportedMediaType => "The body has to be JSON in UTF-8, not compressed, sent with Content-Type: application/json.",
            StatusCodes.Status400BadRequest when context.HttpContext.GetEndpoint() is null =>
                $"The host '{request.Host}' is not served here. The setting AllowedHosts lists the names that are.",
            >= 500 => "Something went wrong here. The log of the shop says more.",
            _ => null,
        };
    }

    private static string? Explain(HttpContext http, BadHttpRequestException bad)
    {
        if (bad.StatusCode != StatusCodes.Status400BadRequest)
            return null;

        // The exception handler has cleared the request's own route values by now.
        var route = http.Features.Get<IExceptionHandlerFeature>()?.RouteValues ?? http.Request.RouteValues;
        if (route.TryGetValue("id", out var id) && !long.TryParse(id as string, CultureInfo.InvariantCulture, out _))
        {
            return BigInteger.TryParse(id as string, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)
                ? $"The id '{id}' is out of range: ids have at most 64 bits."
                : $"The id '{id}' is not a whole number.";
        }

        return bad.InnerException switch
        {
            JsonException { Path: { Length: > 0 } path } and not { Path: "$" } => $"The value at {path} in the body has the wrong type, is out of range, or is not JSON.",
            JsonException => "The body is not a JSON object.",
            _ => "A JSON object is needed as the body; each of its fields may be left out.",
        };
    }
}
