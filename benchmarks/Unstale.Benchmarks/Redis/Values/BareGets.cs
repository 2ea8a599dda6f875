using StackExchange.Redis;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.Redis.Values;

/// <summary>Values under plain keys, by <c>GET</c> of StackExchange.Redis.</summary>
internal sealed class BareGets(PrivateRedis server) : IDisposable
{
    private readonly ConnectionMultiplexer _multiplexer = server.Connect();

    private IDatabase Database => field ??= _multiplexer.GetDatabase();

    public void Set(string key, string value) => new ValueTask<bool>(Database.StringSetAsync(key, value)).Wait();

    public async ValueTask GetAsync(string key)
    {
        using var value = await Database.StringGetLeaseAsync(key).ConfigureAwait(false);
    }

    public void Dispose() => _multiplexer.Dispose();
}
