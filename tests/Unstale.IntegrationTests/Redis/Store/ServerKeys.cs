using System.Globalization;
using System.Text;
using Unstale.Redis.Link;
using Unstale.Redis.Store;

namespace Unstale.IntegrationTests.Redis.Store;

/// <summary>What lies on the server, looked at and meddled with past the store.</summary>
internal static class ServerKeys
{
    public static async Task<string[]> KeysAsync(this RawConnection connection, string pattern = "*") =>
        [.. (await connection.RunAsync("KEYS", pattern)).Items.Select(static k => k.Text()).Order(StringComparer.Ordinal)];

    /// <summary>Brings the end of every life nearer, and what values hold of time farther back.</summary>
    public static async Task PassAsync(this RawConnection connection, TimeSpan time)
    {
        foreach (var key in await connection.KeysAsync())
        {
            var left = (await connection.RunAsync("PTTL", key)).Integer;
            if (left > 0)
            {
                await connection.RunAsync("PEXPIRE", key, $"{left - (long)time.TotalMilliseconds}");
                await connection.AgeAsync(key, time);
            }
        }
    }

    private static async Task AgeAsync(this RawConnection connection, string key, TimeSpan time)
    {
        if ((await connection.RunAsync("TYPE", key)).Text() != "string" || await connection.BytesAsync(key) is not { Length: > EnvelopeLayout.Tags + EnvelopeLayout.Ending } value
            || value[EnvelopeLayout.Form] != EnvelopeLayout.CurrentForm)
        {
            return;
        }

        var ending = Encoding.ASCII.GetString(value.AsSpan()[^EnvelopeLayout.Ending..]);
        var ends = long.Parse(ending[..16], CultureInfo.InvariantCulture) - (long)time.TotalMilliseconds;
        var minute = long.Parse(ending[32..], CultureInfo.InvariantCulture) - (long)time.TotalMinutes;
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{ends:D16}{ending[16..32]}{minute:D8}"), value.AsSpan(value.Length - EnvelopeLayout.Ending));
        await connection.ReplaceAsync(key, value);
    }

    public static async Task<byte[]> BytesAsync(this RawConnection connection, string key) => (await connection.RunAsync("GET", key)).Bytes;

    /// <summary>Puts other bytes under a key that lives on as long as before.</summary>
    public static async Task ReplaceAsync(this RawConnection connection, string key, byte[] bytes)
    {
        using var command = RedisCall.Create("SET").Arg(Encoding.UTF8.GetBytes(key)).Arg(bytes).Arg("KEEPTTL");
        await connection.CallAsync(command);
    }
}
