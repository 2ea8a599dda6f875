using Unstale.Redis.Channel;

namespace ChannelSample;

/// <summary>Service that holds copies. Listens until Ctrl-C, and prints its statistics.</summary>
internal static class Subscribing
{
    public static async Task RunAsync(string redis, CancellationToken stop)
    {
        var cache = new MemoryCache();
        await using var subscriber = InvalidationSubscriber.Create(redis);
        await using var subscription = subscriber.Subscribe(cache.ObeyAsync, cache.ForgetAsync);
        await subscription.Subscribed.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Console.WriteLine($"listening on {subscriber.Channel} at {redis}; Ctrl-C ends it");
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Figures.Print(subscriber.Statistics.Snapshot());
    }
}
