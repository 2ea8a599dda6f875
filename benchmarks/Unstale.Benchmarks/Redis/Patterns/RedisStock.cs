using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Unstale.Benchmarks.Measuring;
using Unstale.Benchmarks.Redis.Nodes;
using Unstale.Redis.Resp;
using Unstale.Redis.Scripts;

namespace Unstale.Benchmarks.Redis.Patterns;

/// <summary>Many values of a cache on the server: one that the cache has set, copied under other names.</summary>
internal sealed class RedisStock : IDisposable
{
    public const string Pattern = "stock:*";
    private const int BatchKeys = 1_000;
    private static readonly RedisKeys Place = new("unstale", RedisNode.LogName, 0);
    private static readonly string Values = Place.ValuesOf(RedisNode.CacheName);

    private readonly RespConnection _connection;
    private readonly Socket _filler;

    public RedisStock(PrivateRedis server)
    {
        _connection = server.Connect();
        _filler = server.ConnectSocket();
    }

    public void Fill(UnstaleCache cache, int keys)
    {
        cache.SetAsync("stock:", "a value").Wait();
        using var get = RespCommand.Create("GET").Arg(Values + "stock:");
        var envelope = _connection.CallAsync(get).Wait().Bytes;
        for (var first = 0; first < keys; first += BatchKeys)
            Copy(envelope, first, Math.Min(BatchKeys, keys - first));
    }

    /// <summary>What anyone could do who knows the names: pages of a thousand and a command that removes them.</summary>
    public async Task<long> ScanAsync()
    {
        var removed = 0L;
        var cursor = "0"u8.ToArray();
        do
        {
            using var scan = RespCommand.Create("SCAN").Arg(cursor).Arg("MATCH").Arg(Values + Pattern).Arg("COUNT").Arg(1_000);
            var page = (await _connection.CallAsync(scan).ConfigureAwait(false)).Items;
            cursor = page[0].Bytes;
            if (page[1].Items.Length == 0)
                continue;
            using var unlink = RespCommand.Create("UNLINK");
            foreach (var key in page[1].Items)
                unlink.Arg(key.Bytes);
            removed += (await _connection.CallAsync(unlink).ConfigureAwait(false)).Integer;
        }
        while (cursor is not [(byte)'0']);
        return removed;
    }

    /// <summary>Whether patterns stand beside the log, because what they name is not swept yet.</summary>
    public bool IsListed()
    {
        using var get = RespCommand.Create("HGET").Arg(Place.Control).Arg("broad");
        var broad = _connection.CallAsync(get).Wait();
        return !broad.IsNull && broad.Bytes.Length > 0;
    }

    public void Dispose()
    {
        _filler.Dispose();
        _connection.DisposeAsync().Wait();
    }

    private void Copy(byte[] envelope, int first, int count)
    {
        using var batch = new MemoryStream();
        for (var i = first; i < first + count; i++)
        {
            using var set = RespCommand.Create("SET").Arg(Values + "stock:" + i.ToString("D7", CultureInfo.InvariantCulture)).Arg(envelope);
            batch.Write(set.Encoded());
        }

        for (var rest = batch.GetBuffer().AsSpan(0, (int)batch.Length); !rest.IsEmpty;)
            rest = rest[_filler.Send(rest)..];
        var replies = new byte[Encoding.ASCII.GetByteCount("+OK\r\n") * count];
        for (var have = 0; have < replies.Length;)
        {
            var received = _filler.Receive(replies.AsSpan(have));
            have += received > 0 ? received : throw new InvalidOperationException("redis-server closed the connection.");
        }
    }
}
