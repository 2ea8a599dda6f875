using Microsoft.Extensions.DependencyInjection;
using Unstale.Redis.Channel;

namespace Unstale.IntegrationTests.Redis.Channel;

/// <summary>Code of docs/channel.md.</summary>
internal static class ChannelExample
{
    public static void Cache(IServiceCollection services, string connectionString) =>
        services.AddUnstale(o => o.Log = "shop").UseRedis(connectionString).UseChannel(o =>
        {
            o.ServiceName = "shop";
            o.AcceptEverything = false;                                                          // see below: who may invalidate what
            o.Accept("product:").AcceptFrom("user-service", "user:", "session:");
            o.AddChannel(ForeignChannels.ProductUpdates, ForeignChannels.ReadProductUpdate);         // a foreign channel
            o.AddChannel("prices", payload => ForeignInvalidation.Changed("price", System.Text.Encoding.UTF8.GetString(payload.Span)));
        });

    public static async Task TellAsync(IInvalidator invalidator, InvalidationPublisher others, CancellationToken cancellationToken)
    {
        await invalidator.ChangedAsync("product", 4, cancellationToken: cancellationToken);     // the log first: this is what is guaranteed
        await others.TryPublishAsync(others.Update(EntityType.Custom("product"), "4"), cancellationToken);
    }

    public static void WithoutCache(IServiceCollection services) =>
        services.AddInvalidationChannel("localhost:6379", o => o.ServiceName = "user-service");

    public static async Task<long> PublishAsync(InvalidationPublisher publisher, CancellationToken cancellationToken)
    {
        var received = await publisher.InvalidateUserAsync("123", cancellationToken);               // after the commit
        await publisher.InvalidateBatchAsync(["user:1", "user:2"], cancellationToken);           // one message for many
        await publisher.InvalidatePatternAsync("feed:123:*", cancellationToken);
        return received;
    }

    public static async Task ListenAsync(InvalidationSubscriber subscriber, Dictionary<string, string> copies, CancellationToken stop)
    {
        await using var subscription = subscriber.Subscribe(
            (message, _) =>
            {
                if (message is { Action: MessageAction.Delete or MessageAction.Update, EntityId: { } id })
                    copies.Remove(EntityKey.Of(message.EntityType, id));
                return default;
            },
            onGap: _ =>
            {
                copies.Clear();                                                                  // what was said meanwhile is not known
                return default;
            });
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
    }
}
