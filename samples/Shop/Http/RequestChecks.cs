using System.Buffers;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Shop.Http;

/// <summary>Check that refuses requests whose text is not UTF-8: a decoder would turn different texts into the same one, or fail.</summary>
internal static class RequestChecks
{
    public static Task CheckAsync(HttpContext http, RequestDelegate next)
    {
        if (!IsUtf8(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget))
            return Answers.BadRequest("The address has a percent sign that does not begin an escaped character of UTF-8.").ExecuteAsync(http);

        if (http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true && !IsPlainUtf8(http.Request))
        {
            http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return Task.CompletedTask;
        }

        return next(http);
    }

    /// <summary>Checks the octets of the percent signs. The rest of a target is ASCII.</summary>
    private static bool IsUtf8(string target)
    {
        if (!target.Contains('%', StringComparison.Ordinal))
            return true;

        var octets = new ArrayBufferWriter<byte>(target.Length);
        for (var at = 0; at < target.Length; at++)
        {
            var octet = (byte)target[at];
            if (octet == '%')
            {
                if (at + 2 >= target.Length || Convert.FromHexString(target.AsSpan(at + 1, 2), octets.GetSpan(1), out _, out _) != OperationStatus.Done)
                    return false;

                at += 2;
            }
            else
            {
                octets.GetSpan(1)[0] = octet;
            }

            octets.Advance(1);
        }

        return Utf8.IsValid(octets.WrittenSpan);
    }

    private static bool IsPlainUtf8(HttpRequest request)
    {
        if (request.Headers.ContentEncoding.Count > 0)
            return false;

        return !MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.Charset.HasValue
            || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase);
    }
}
