using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Shop.Load;

/// <summary>Node of the shop, or its worker, with methods to call it.</summary>
internal sealed class Server(int number, Uri address, bool isNode) : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(5) })
    {
        BaseAddress = address,
        Timeout = TimeSpan.FromSeconds(30),
    };

    public int Number => number;

    public Uri Address => address;

    public bool IsNode => isNode;

    /// <exception cref="HttpRequestException">There is no response, or no successful one.</exception>
    /// <exception cref="JsonException">The response is no JSON.</exception>
    public async Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) =>
        await _client.GetFromJsonAsync<JsonElement>(new Uri(path, UriKind.Relative), cancellationToken);

    public async Task<List<Sight>> ReadAsync(string path, CancellationToken cancellationToken) =>
        Sight.ReadAll(await GetAsync(path, cancellationToken));

    /// <exception cref="HttpRequestException">There is no response, or no successful one.</exception>
    public async Task PutAsync(string path, Dictionary<string, object> body, CancellationToken cancellationToken)
    {
        using var response = await _client.PutAsJsonAsync(new Uri(path, UriKind.Relative), body, cancellationToken);
        await response.Content.LoadIntoBufferAsync(cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    public Task PutPriceAsync(string strategy, long id, long cents, CancellationToken cancellationToken) =>
        PutAsync($"/products/{strategy}/{id}", new(StringComparer.Ordinal) { ["price"] = cents / 100m }, cancellationToken);

    public async Task<RedisState> AskRedisAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1), TimeProvider.System);
            using var response = await _client.GetAsync(new Uri("/health", UriKind.Relative), limit.Token);
            var health = await response.Content.ReadFromJsonAsync<JsonElement>(limit.Token);
            var isCutOff = Text(health, "redis") == "unreachable" || (Text(health, "status") != "healthy" && Text(health, "database") == "connected");
            var queued = health.TryGetProperty("queued", out var count) && count.ValueKind == JsonValueKind.Number ? count.GetInt64() : 0;
            return isCutOff ? RedisState.CutOff : queued > 0 ? RedisState.Sending : RedisState.Connected;
        }
        catch (HttpRequestException nobody) when (IsUnsent(nobody))
        {
            return RedisState.Gone;
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            return RedisState.CutOff;
        }
    }

    /// <summary>Returns whether a request without a usable response throws this exception.</summary>
    public static bool IsFailure(Exception exception) =>
        exception is HttpRequestException or JsonException or OperationCanceledException or IOException or KeyNotFoundException
            or InvalidOperationException or FormatException;

    /// <summary>Returns whether the request could not be sent.</summary>
    public static bool IsUnsent(Exception exception) => exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError };

    /// <summary>Returns whether the server did not respond, as opposed to an unexpected response.</summary>
    public static bool IsSilence(Exception exception) =>
        exception is OperationCanceledException or HttpRequestException { StatusCode: null } and not HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse };

    public void Dispose() => _client.Dispose();

    private static string? Text(JsonElement health, string field) =>
        health.ValueKind == JsonValueKind.Object && health.TryGetProperty(field, out var value) ? value.GetString() : null;
}
