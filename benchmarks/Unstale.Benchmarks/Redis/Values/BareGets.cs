using System.Runtime.CompilerServices;
using Unstale.Benchmarks.Measuring;
using Unstale.Redis.Resp;

namespace Unstale.Benchmarks.Redis.Values;

/// <summary>Values under plain keys, over a connection of our client.</summary>
internal sealed class BareGets(PrivateRedis server) : IDisposable
{
    private readonly RespConnection _connection = server.Connect();

    public void Set(string key, string value)
    {
        using var set = RespCommand.Create("SET").Arg(key).Arg(value);
        _connection.CallAsync(set).Wait();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask GetAsync(string key)
    {
        using var get = RespCommand.Create("GET").Arg(key);
        await _connection.CallAsync(get).ConfigureAwait(false);
    }

    public void Dispose() => _connection.DisposeAsync().Wait();
}
