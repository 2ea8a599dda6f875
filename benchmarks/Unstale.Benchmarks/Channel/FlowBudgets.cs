using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.Measuring;
using Unstale.Benchmarks.Redis;
using Unstale.Redis.Channel;

namespace Unstale.Benchmarks.Channel;

/// <summary>Messages through one subscriber to its callback, beside the same bytes through a socket that only counts them.</summary>
internal static class FlowBudgets
{
    private const double Least = 50_000;

    public static IEnumerable<BudgetLine> Measure(PrivateRedis server, RedisScale scale)
    {
        using var ours = new Flood(server, "ours");
        using var bare = new Flood(server, "bare");
        using var bareSubscriber = new BareSubscriber(server, "bare", bare.Received);
        var subscriber = InvalidationSubscriber.Create($"127.0.0.1:{server.Port}", options => options.Channel = "ours");
        var subscription = subscriber.Subscribe((_, _) =>
        {
            ours.Received(1);
            return default;
        });
        try
        {
            new ValueTask(subscription.Subscribed).Wait();
            var rates = scale.Cluster.Medians(() => bare.PerSecond(scale.Slice), () => ours.PerSecond(scale.Slice));
            yield return new("messages through one subscriber", "/s", rates[1]) { Bare = rates[0], Least = Least };
        }
        finally
        {
            subscription.DisposeAsync().Wait();
            subscriber.DisposeAsync().Wait();
        }
    }
}
