using System.Text;
using Unstale.Redis.Link;

namespace Unstale.IntegrationTests.Redis.Store;

/// <summary>What lies on the server, looked at and meddled with past the store.</summary>
internal static class ServerKeys
{
    public static async Task<string[]> KeysAsync(this RawConnection connection, string pattern = "*") =>
        [.. (await connection.RunAsync("KEYS", pattern)).Items.Select(static k => k.Text()).Order(StringComparer.Ordinal)];

    /// <summary>Brings the end of every life nearer.</summary>
    public static async Task PassAsync(this RawConnection connection, TimeSpan time)
    {
        foreach (var key in await connection.KeysAsync())
        {
            var left = (await connection.RunAsync("PTTL", key)).Integer;
            if (left > 0)
            {
                await connection.RunAsync("PEXPIRE", key, $"{left - (long)time.TotalMilliseconds}");
            }
        }
    }

    public static async Task<byte[]> BytesAsync(this RawConnection connection, string key) => (await connection.RunAsync("GET", key)).Bytes;

    /// <summary>Puts other bytes under a key that lives on as long as before.</summary>
    public static async Task ReplaceAsync(this RawConnection connection, string key, byte[] bytes)
    {
        using var command = RedisCall.Create("SET").Arg(Encoding.UTF8.GetBytes(key)).Arg(bytes).Arg("KEEPTTL");
        await connection.CallAsync(command);
    }
}
