using Unstale.Benchmarks.Measuring;
using Unstale.Log;
using Unstale.Redis.Log;
using Unstale.Redis.Resp;
using Unstale.Redis.Scripts;

namespace Unstale.Benchmarks.Redis.Invalidations;

/// <summary>What the server does for an invalidation, one call of the script for each, in a log that nobody follows.</summary>
internal sealed class BareAppends : IDisposable
{
    private static readonly RecordOrigin Origin = new(Guid.NewGuid().ToString("n"), "bench");
    private static readonly RedisLogSettings Settings = new();

    private readonly RedisKeys _keys = new("unstale", "bare", 0);
    private readonly RespConnection _connection;

    public BareAppends(PrivateRedis server) => _connection = server.Connect();

    public async ValueTask AppendAsync(InvalidationTarget[] targets)
    {
        using var command = RedisScripts.Append.Command(1).Key(_keys.Control).Arg("").Arg("PUBLISH").Arg(_keys.Channel)
            .Generation(Generation.Create()).Arg(Settings.MostRecords).Arg(Settings.PushLimit).Arg(1)
            .Record(new(Random.Shared.NextInt64(1, long.MaxValue), targets, Origin, DateTimeOffset.UnixEpoch));
        await RedisScripts.Append.CallAsync(_connection, command).ConfigureAwait(false);
    }

    public void Dispose() => _connection.DisposeAsync().Wait();
}
