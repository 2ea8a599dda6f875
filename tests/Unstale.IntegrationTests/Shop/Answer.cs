using System.Net;
using System.Text.Json.Nodes;

namespace Unstale.IntegrationTests.Shop;

/// <summary>Response of the shop: status, media type, origin of the value, and the JSON.</summary>
public sealed record Answer(HttpStatusCode Status, string? MediaType, string? Outcome, JsonNode? Body)
{
    public string? this[string field] => Body![field]?.ToString();

    public static async Task<Answer> ReadAsync(HttpResponseMessage response)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync();
            var outcome = response.Headers.TryGetValues("X-Cache", out var values) ? values.Single() : null;
            return new(response.StatusCode, response.Content.Headers.ContentType?.MediaType, outcome, text.Length == 0 ? null : JsonNode.Parse(text));
        }
    }
}
