using Unstale.Benchmarks.Redis.Nodes;
using Unstale.Benchmarks.Redis.Values;
using Unstale.Horizon;

namespace Unstale.Benchmarks.Redis.Peers;

/// <summary>Unstale. An invalidation returns when its record is in the log and published to the other nodes.</summary>
internal sealed class UnstalePeer(PrivateRedis server) : IPeer
{
    private readonly RedisNode _node = new(server);

    public void Load(IReadOnlyList<string> keys, string value, Func<string, string[]> tags) => Stored.Load(_node.Cache, keys, value, tags);

    public ValueTask<string> ReadAsync(string key) => Stored.ReadAsync(_node.Cache, key);

    public async ValueTask InvalidateKeyAsync(string key) => await _node.Invalidator.InvalidateKeyAsync(key).ConfigureAwait(false);

    public async ValueTask InvalidateTagAsync(string tag) => await _node.Invalidator.InvalidateTagAsync(tag).ConfigureAwait(false);

    public async ValueTask InvalidateKeysAsync(IReadOnlyCollection<string> keys) => await _node.Invalidator.InvalidateAsync(keys: keys).ConfigureAwait(false);

    public IDisposable Tell(ILocalStore member) => _node.Tell(member);

    public void Dispose() => _node.Dispose();
}
