using System.Globalization;
using System.Text;
using Unstale.Redis.Connection;
using Unstale.Redis.SecondLevel;

namespace Unstale.IntegrationTests.Redis.SecondLevel;

/// <summary>Keys on the server, read and changed without the store.</summary>
internal static class ServerKeys
{
    public static async Task<string[]> KeysAsync(this RawConnection connection, string pattern = "*") =>
        [.. (await connection.RunAsync("KEYS", pattern)).Items.Select(static k => k.Text()).Order(StringComparer.Ordinal)];

    /// <summary>Lets time pass: shortens the life of every key, and moves the times in values back.</summary>
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

    /// <summary>Replaces the bytes of a key without a change of its time to live.</summary>
    public static async Task ReplaceAsync(this RawConnection connection, string key, byte[] bytes)
    {
        using var command = RedisCall.Create("SET").Arg(Encoding.UTF8.GetBytes(key)).Arg(bytes).Arg("KEEPTTL");
        await connection.CallAsync(command);
    }
}
