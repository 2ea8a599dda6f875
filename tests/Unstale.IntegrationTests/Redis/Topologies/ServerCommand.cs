using System.Globalization;
using System.Net.Sockets;
using System.Text;
using StackExchange.Redis;

namespace Unstale.IntegrationTests.Redis.Topologies;

/// <summary>
/// Single command over the server's own socket file. Works for sentinels, cluster nodes and servers behind TLS alike, and leaves no connection that a
/// fault could hit.
/// </summary>
internal static class ServerCommand
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <param name="socketFile">Socket file of the server.</param>
    /// <param name="password">Password of the default user, or null.</param>
    /// <param name="words">Words of the command.</param>
    public static async Task<RedisResult> RunAsync(string socketFile, string? password, params string[] words)
    {
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketFile), limit.Token);
        await using var stream = new BufferedStream(new NetworkStream(socket));
        if (password is not null)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(Frame(["AUTH", password])), limit.Token);
            await stream.FlushAsync(limit.Token);
            await ReadAsync(stream, limit.Token);
        }

        await stream.WriteAsync(Encoding.UTF8.GetBytes(Frame(words)), limit.Token);
        await stream.FlushAsync(limit.Token);
        var result = await ReadAsync(stream, limit.Token);
        return result.Resp2Type == ResultType.Error ? throw new RedisServerException(RedisErrorKind.Unknown, CommandFlags.None, result.ToString()) : result;
    }

    private static string Frame(string[] words) =>
        string.Concat(words.Select(static w => $"${Encoding.UTF8.GetByteCount(w)}\r\n{w}\r\n").Prepend($"*{words.Length}\r\n"));

    private static async Task<RedisResult> ReadAsync(Stream stream, CancellationToken ct)
    {
        var line = await LineAsync(stream, ct);
        return line[0] switch
        {
            '+' => RedisResult.Create(line[1..], ResultType.SimpleString),
            '-' => RedisResult.Create(line[1..], ResultType.Error),
            ':' => RedisResult.Create(Number(line), ResultType.Integer),
            '$' => RedisResult.Create(await BytesAsync(stream, (int)Number(line), ct), ResultType.BulkString),
            '*' => RedisResult.Create(await ItemsAsync(stream, Number(line), ct)),
            _ => throw new InvalidDataException($"Expected a RESP2 reply but found '{line}'."),
        };
    }

    private static long Number(string line) => long.Parse(line.AsSpan(1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    private static async Task<RedisResult[]> ItemsAsync(Stream stream, long count, CancellationToken ct)
    {
        var items = new RedisResult[Math.Max(count, 0)];
        for (var i = 0; i < items.Length; i++)
            items[i] = await ReadAsync(stream, ct);
        return items;
    }

    private static async Task<RedisValue> BytesAsync(Stream stream, int length, CancellationToken ct)
    {
        if (length < 0)
            return RedisValue.Null;
        var bytes = new byte[length];
        await stream.ReadExactlyAsync(bytes, ct);
        await LineAsync(stream, ct);
        return bytes;
    }

    private static async Task<string> LineAsync(Stream stream, CancellationToken ct)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (line.Length < 2 || line[^1] != '\n')
        {
            await stream.ReadExactlyAsync(one, ct);
            line.Append((char)one[0]);
        }

        return line.ToString(0, line.Length - 2);
    }
}
