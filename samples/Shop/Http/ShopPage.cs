using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Shop.Http;

/// <summary>Page to try every strategy, and the policy that lets a browser run only the script and the style of the page.</summary>
internal sealed class ShopPage
{
    private const string Shown = "data-internals=\"shown\"";
    private const string Hidden = "data-internals=\"hidden\"";

    private readonly string _text;
    private readonly string _policy;

    private ShopPage(string text)
    {
        _text = text;
        _policy = $"default-src 'none'; img-src data:; style-src {Hash("style")}; script-src {Hash("script")}; connect-src 'self'; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    }

    /// <summary>Reads the page.</summary>
    /// <param name="showsInternals">Whether to include the buttons and lines that show the contents of the cache.</param>
    public static ShopPage Read(bool showsInternals)
    {
        using var reader = new StreamReader(typeof(ShopPage).Assembly.GetManifestResourceStream("page.html")!);

        // Browsers hash lines that end in a line feed alone, regardless of the line ends in the checkout.
        var text = reader.ReadToEnd().ReplaceLineEndings("\n");
        return new(showsInternals ? text : text.Replace(Shown, Hidden, StringComparison.Ordinal));
    }

    public ContentHttpResult Show(HttpContext http)
    {
        http.Response.Headers.ContentSecurityPolicy = _policy;
        return TypedResults.Text(_text, "text/html", Encoding.UTF8);
    }

    private string Hash(string element)
    {
        var begin = _text.IndexOf($"<{element}>", StringComparison.Ordinal) + element.Length + 2;
        var end = _text.IndexOf($"</{element}>", begin, StringComparison.Ordinal);
        return $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(_text[begin..end])))}'";
    }
}
