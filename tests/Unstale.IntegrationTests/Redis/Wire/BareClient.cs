using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Wire;

/// <summary>
/// Client with the means of any language: a socket, RESP2 and docs/wire-format.md. Shares no code with the library. Each character of a text is one
/// byte.
/// </summary>
internal sealed class BareClient : IDisposable
{
    private readonly TcpClient _tcp = new();
    private StreamReader _reader = null!;

    private BareClient()
    {
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<BareClient> ConnectAsync(RedisServer server)
    {
        var client = new BareClient();
        await client._tcp.ConnectAsync(IPAddress.Loopback, server.Port, Stop);
        client._reader = new StreamReader(client._tcp.GetStream(), Encoding.Latin1);
        return client;
    }

    /// <summary>Sends a command and returns its reply: a text, a number, null, or an array of these.</summary>
    public async Task<object?> CallAsync(params string[] words)
    {
        var command = string.Concat(words.Select(static word => $"${word.Length}\r\n{word}\r\n").Prepend($"*{words.Length}\r\n"));
        await _tcp.GetStream().WriteAsync(Encoding.Latin1.GetBytes(command), Stop);
        return await ReadAsync();
    }

    public async Task<string> TextAsync(params string[] words) => Assert.IsType<string>(await CallAsync(words));

    public async Task<object?[]> ArrayAsync(params string[] words) => Assert.IsType<object?[]>(await CallAsync(words));

    /// <summary>Returns the payload of the next message of a subscription.</summary>
    public async Task<string> HearAsync()
    {
        var message = Assert.IsType<object?[]>(await ReadAsync());
        Assert.EndsWith("message", (string)message[0]!, StringComparison.Ordinal);
        return Assert.IsType<string>(message[2]);
    }

    public void Dispose()
    {
        _reader.Dispose();
        _tcp.Dispose();
    }

    private async Task<object?> ReadAsync()
    {
        var line = await _reader.ReadLineAsync(Stop).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Stop);
        Assert.False(string.IsNullOrEmpty(line), "The server closed the connection.");
        return line[0] switch
        {
            '+' => line[1..],
            ':' => Number(line),
            '$' => Number(line) < 0 ? null : await BulkAsync((int)Number(line)),
            '*' => await ItemsAsync((int)Number(line)),
            _ => throw new InvalidOperationException(line),
        };
    }

    private async Task<string> BulkAsync(int length)
    {
        var text = new char[length + 2];
        Assert.Equal(text.Length, await _reader.ReadBlockAsync(text, Stop));
        return new string(text, 0, length);
    }

    private async Task<object?[]> ItemsAsync(int count)
    {
        var items = new object?[count];
        for (var i = 0; i < count; i++)
            items[i] = await ReadAsync();
        return items;
    }

    private static long Number(string line) => long.Parse(line.AsSpan(1), CultureInfo.InvariantCulture);
}
