using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Boundary;
using Unstale.Transactions;
using Unstale.Values;

namespace Unstale.Distributed;

/// <summary>
/// <see cref="IDistributedCache"/> over a cache, for sessions, token stores and idempotency filters. Keys are those of the cache. A read never returns a value that a later
/// set or removal on any node has replaced. Operations ignore scopes and transactions of the caller, because the interface has none.
/// </summary>
/// <param name="cache">Cache that stores the values.</param>
/// <param name="time">Wall clock of absolute expirations.</param>
internal sealed class DistributedCache(UnstaleCache cache, TimeProvider time) : IBufferDistributedCache
{
    // Flags and dependencies of the cache's defaults apply to loads.
    private static readonly UnstaleEntryOptions Plain = new() { Flags = HybridCacheEntryFlags.None, RecordDependencies = false };

    private readonly GuardedTime _time = GuardedTime.Over(time);

    public byte[]? Get(string key) => Wait(GetAsync(key, default));

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default) =>
        await FindAsync(key, token).ConfigureAwait(false) is { } value ? [.. value.Bytes] : null;

    public bool TryGet(string key, IBufferWriter<byte> destination) => Wait(TryGetAsync(key, destination, default).AsTask());

    public async ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (await FindAsync(key, token).ConfigureAwait(false) is not { } value)
            return false;
        destination.Write(value.Bytes);
        return true;
    }

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => Wait(SetAsync(key, value, options));

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        return StoreAsync(key, [.. value], options, token);
    }

    public void Set(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options) => Wait(SetAsync(key, value, options).AsTask());

    public ValueTask SetAsync(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new(StoreAsync(key, value.ToArray(), options, token));
    }

    public void Refresh(string key) => Wait(RefreshAsync(key));

    public async Task RefreshAsync(string key, CancellationToken token = default) => await FindAsync(key, token).ConfigureAwait(false);

    public void Remove(string key) => Wait(RemoveAsync(key));

    public Task RemoveAsync(string key, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return UnitOfWork.RunOutsideAsync((cache, key, token), static s => Completed(s.cache.RemoveAsync(s.key, s.token))).AsTask();
    }

    private ValueTask<ExpiringBytes?> FindAsync(string key, CancellationToken token)
    {
        ArgumentNullException.ThrowIfNull(key);
        return UnitOfWork.RunOutsideAsync((Face: this, key, token), static s => s.Face.FindOutsideAsync(s.key, s.token));
    }

    private async ValueTask<ExpiringBytes?> FindOutsideAsync(string key, CancellationToken token)
    {
        if (await cache.TryGetAsync<ExpiringBytes>(key, Plain, tags: null, token).ConfigureAwait(false) is not { IsFound: true, Value: { } value })
            return null;
        var lifetime = value.LifetimeAt(_time.GetUtcNow());
        if (lifetime <= TimeSpan.Zero)
            return null;
        if (value.Sliding > TimeSpan.Zero)
            cache.RenewBehind(key, value, lifetime!.Value, value.Gain);
        return value;
    }

    private Task<bool> StoreAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token)
    {
        ArgumentNullException.ThrowIfNull(options);
        CacheNames.CheckKey(key, cache.MaximumKeyLength); // the interface cannot load the value again, so a caller must know that nothing is stored
        var now = _time.GetUtcNow();
        var end = options.AbsoluteExpirationRelativeToNow is { } relative ? now + relative : options.AbsoluteExpiration;
        if (end <= now)
            throw Errors.ExpiredBefore(end.Value, now);
        var stored = new ExpiringBytes(value, end, options.SlidingExpiration ?? TimeSpan.Zero);
        var life = new UnstaleEntryOptions { Expiration = stored.LifetimeAt(now) ?? TimeSpan.MaxValue, Flags = HybridCacheEntryFlags.None };
        return UnitOfWork.RunOutsideAsync((cache, key, stored, life, token), static s => Completed(s.cache.SetAsync(s.key, s.stored, s.life, tags: null, s.token))).AsTask();
    }

    private static async ValueTask<bool> Completed(ValueTask task)
    {
        await task.ConfigureAwait(false);
        return true;
    }

    /// <summary>Blocks until a task ends. Without a second level, all tasks end before they are returned.</summary>
    private static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();

    private static void Wait(Task task) => task.GetAwaiter().GetResult();
}
