using System.Globalization;
using System.Net.Sockets;
using System.Text;
using StackExchange.Redis;
using Unstale.Benchmarks.Measuring;
using Unstale.Benchmarks.Redis.Nodes;
using Unstale.Redis.Scripts;

namespace Unstale.Benchmarks.Redis.Patterns;

/// <summary>Many values of a cache on the server: one that the cache has set, copied under other names.</summary>
internal sealed class RedisStock : IDisposable
{
    public const string Pattern = "stock:*";
    private const int BatchKeys = 1_000;
    private static readonly RedisKeys Place = new("unstale", RedisNode.LogName, 0);
    private static readonly string Values = Place.ValuesOf(RedisNode.CacheName);

    private readonly ConnectionMultiplexer _multiplexer;
    private readonly IDatabase _database;
    private readonly Socket _filler;

    public RedisStock(PrivateRedis server)
    {
        _multiplexer = server.Connect();
        _database = _multiplexer.GetDatabase();
        _filler = server.ConnectSocket();
    }

    public void Load(UnstaleCache cache, int keys)
    {
        cache.SetAsync("stock:", "a value").Wait();
        byte[] envelope = new ValueTask<RedisValue>(_database.StringGetAsync(Values + "stock:")).Wait()!;
        for (var first = 0; first < keys; first += BatchKeys)
            Copy(envelope, first, Math.Min(BatchKeys, keys - first));
    }

    /// <summary>Removes the values as any client with their names could: by pages of a thousand and a delete command.</summary>
    public async Task<long> ScanAsync()
    {
        var removed = 0L;
        var cursor = "0";
        do
        {
            var page = (RedisResult[])(await _database.ExecuteAsync("SCAN", cursor, "MATCH", Values + Pattern, "COUNT", 1_000).ConfigureAwait(false))!;
            cursor = (string)page[0]!;
            var keys = (RedisKey[])page[1]!;
            if (keys.Length > 0)
                removed += await _database.KeyDeleteAsync(keys).ConfigureAwait(false);
        }
        while (cursor != "0");
        return removed;
    }

    /// <summary>Returns whether patterns are listed beside the log, because their values are not swept yet.</summary>
    public bool IsListed()
    {
        var selector = new ValueTask<RedisValue>(_database.HashGetAsync(Place.Control, "broad")).Wait();
        return selector.Length() > 0;
    }

    public void Dispose()
    {
        _filler.Dispose();
        _multiplexer.Dispose();
    }

    private void Copy(byte[] envelope, int first, int count)
    {
        using var batch = new MemoryStream();
        for (var i = first; i < first + count; i++)
        {
            var name = Values + "stock:" + i.ToString("D7", CultureInfo.InvariantCulture);
            batch.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"*3\r\n$3\r\nSET\r\n${name.Length}\r\n{name}\r\n${envelope.Length}\r\n")));
            batch.Write(envelope);
            batch.Write("\r\n"u8);
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
