using System.Globalization;
using Unstale.Redis.Channel;

namespace ChannelSample;

/// <summary>Publisher and subscriber in one process: entries changed by one are removed by the other.</summary>
internal static class Integration
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(string redis, CancellationToken stop)
    {
        var cache = new MemoryCache();
        for (var i = 1; i <= 5; i++)
            cache.Set(EntityKey.Of(EntityType.User, i.ToString(CultureInfo.InvariantCulture)), "a user");

        cache.Set("feed:user_1:home", "a feed");
        cache.Set("post:9", "a post");

        await using var subscriber = InvalidationSubscriber.Create(redis);
        await using var subscription = subscriber.Subscribe(cache.ObeyAsync, cache.ForgetAsync);
        await using var publisher = InvalidationPublisher.Create(redis, "user-service");
        await publisher.ConnectAsync(Limit, stop);
        await subscription.Subscribed.WaitAsync(Limit, TimeProvider.System, stop);

        Console.WriteLine($"before: {cache.Count} entries");
        await publisher.InvalidateUserAsync("1", stop);
        await publisher.InvalidateBatchAsync(["user:2", "user:3"], stop);
        await publisher.InvalidatePatternAsync("feed:user_1:*", stop);
        while (subscriber.Statistics.Snapshot().Received < 3)
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, stop);

        // Ends after the last callback.
        await subscription.DisposeAsync();

        Console.WriteLine($"after: {cache.Count} entries");
        Figures.Print(publisher.Statistics.Snapshot());
        Figures.Print(subscriber.Statistics.Snapshot());
    }
}
