using System.Text;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Redis.Channel;

namespace Unstale.IntegrationTests.Redis.Channel;

/// <summary>Code of docs/migration.md: a service that relies on expiry alone.</summary>
internal sealed class TimedNames(IMemoryCache memory, SocialDatabase database)
{
    public async Task<string> NameAsync(string id) =>
        (await memory.GetOrCreateAsync($"user:{id}", async entry =>
        {
            entry.AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(60);                 // stale for up to a minute
            return await database.UserAsync(id);
        }))!;
}

/// <summary>The same service with invalidation.</summary>
internal sealed class TrueNames(HybridCache cache, IInvalidator invalidator, SocialDatabase database)
{
    private static readonly HybridCacheEntryOptions Hour = new() { Expiration = TimeSpan.FromHours(1) };

    public ValueTask<string> NameAsync(string id) =>
        cache.GetOrCreateAsync($"user:{id}", _ => database.UserAsync(id), Hour, tags: [$"user:{id}"]);

    public async Task RenameAsync(string id, string name)
    {
        await database.UpdateUserAsync(id, name);                                             // the commit
        await invalidator.ChangedAsync("user", id);                                           // every node
    }
}

/// <summary>Setup of a service while others still use a channel.</summary>
internal static class Rollout
{
    public static void BesideTheChannel(IServiceCollection services, string connectionString) =>
        services.AddUnstale(o => o.Log = "shop").UseRedis(connectionString).UseChannel(o =>
        {
            o.ServiceName = "shop-new";
            o.PublishRecords = true;                                                          // what this service raises, the old ones hear
        });

    public static void BesideOwnMessages(IServiceCollection services, string connectionString) =>
        services.AddUnstale(o => o.Log = "shop").UseRedis(connectionString).UseChannel(o =>
            o.AddChannel("cache-evict", payload => ForeignInvalidation.OfKeys(Encoding.UTF8.GetString(payload.Span))));

    public static async Task EvictAsync(IInvalidator invalidator, InvalidationPublisher others, string key)
    {
        await invalidator.InvalidateKeyAsync(key);                                            // the new services
        await others.TryPublishAsync("cache-evict", Encoding.UTF8.GetBytes(key));             // the old ones
    }

    public static void OldService(InvalidationSubscriber subscriber, MemoryCache memory) =>
        subscriber.Subscribe(
            (message, _) =>
            {
                if (message.EntityId is { } id)
                    memory.Remove(EntityKey.Of(message.EntityType, id));
                foreach (var key in message.EntityIds ?? [])
                    memory.Remove(key);
                if (message.Action == MessageAction.Pattern)
                    memory.Clear();                                                           // it cannot match: unknown means stale
                return default;
            },
            onGap: _ =>
            {
                memory.Clear();
                return default;
            });
}
