using StackExchange.Redis;
using Unstale.Log;
using Unstale.Redis.Connection;
using Unstale.Redis.Log;
using Unstale.Redis.Scripts;

namespace Unstale.Benchmarks.Redis.Invalidations;

/// <summary>Work of the server for invalidations, one call of the script for each, in a log without followers.</summary>
internal sealed class BareAppends : IDisposable
{
    private static readonly RecordOrigin Origin = new(Guid.NewGuid().ToString("n"), "bench");
    private static readonly RedisLogSettings Settings = new();

    private readonly RedisKeys _keys = new("unstale", "bare", 0);
    private readonly ConnectionMultiplexer _multiplexer;
    private readonly IDatabase _database;

    public BareAppends(PrivateRedis server)
    {
        _multiplexer = server.Connect();
        _database = _multiplexer.GetDatabase();
    }

    public async ValueTask AppendAsync(InvalidationTarget[] targets)
    {
        var record = new InvalidationRecord(Random.Shared.NextInt64(1, long.MaxValue), targets, Origin, DateTimeOffset.UnixEpoch);
        using var plain = RedisScripts.AppendPlain.Command(4).Key(_keys.Control).Key(_keys.Tags0).Key(_keys.Tags1).Key(_keys.Log)
            .Arg("").Arg("PUBLISH").Arg(_keys.Channel).Arg(Settings.MostRecords).Arg(Settings.PushLimit).Arg("").Arg(1).PlainRecord(record);
        if (await RunAsync(plain).ConfigureAwait(false))
            return;

        using var first = RedisScripts.Append.Command(7).Key(_keys.Control).Key(_keys.Tags0).Key(_keys.Tags1).Key(_keys.Log)
            .Key(_keys.Versions0).Key(_keys.Versions1).Key(_keys.Sweep)
            .Arg("").Arg("PUBLISH").Arg(_keys.Channel).Generation(Generation.Create()).Arg(Settings.MostRecords).Arg(Settings.PushLimit).Arg("").Arg(1).Record(record);
        await RunAsync(first).ConfigureAwait(false);
    }

    public void Dispose() => _multiplexer.Dispose();

    /// <summary>Returns false if the script left the call to another script.</summary>
    private async ValueTask<bool> RunAsync(RedisCall call)
    {
        try
        {
            using var reply = await call.SendAsync(_database).ConfigureAwait(false);
            return !reply.IsNull;
        }
        catch (RedisServerException unknown) when (unknown.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            using var reply = await call.SendSourceAsync(_database).ConfigureAwait(false);
            return !reply.IsNull;
        }
    }
}
