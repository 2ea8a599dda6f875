using System.Runtime.CompilerServices;
using Unstale.Benchmarks.Measuring;
using Unstale.Benchmarks.Redis.Nodes;
using Unstale.Redis.Resp;

namespace Unstale.Benchmarks.Redis.Gets;

/// <summary>Callers who share one connection of our client, each with one command at a time.</summary>
internal sealed class ClientGets : IDisposable
{
    public const string Key = "bench:product:000042";
    public const int ValueBytes = 32;
    public const int ResultBytes = 24 + ValueBytes;

    private readonly RespConnection _connection;

    public ClientGets(PrivateRedis server)
    {
        _connection = server.Connect();
        using var set = RespCommand.Create("SET").Arg(Key).Arg(new string('v', ValueBytes));
        _connection.CallAsync(set).Wait();
    }

    public Callers Callers(int count) => new(count, (_, _) => GetAsync());

    public void Dispose() => _connection.DisposeAsync().Wait();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask GetAsync()
    {
        using var command = RespCommand.Create("GET").Arg(Key);
        await _connection.CallAsync(command).ConfigureAwait(false);
    }
}
