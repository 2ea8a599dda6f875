using System.Globalization;
using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.Measuring;
using Unstale.Benchmarks.Redis;
using Unstale.Benchmarks.Redis.Nodes;
using Unstale.Benchmarks.Redis.Propagation;
using Unstale.Redis.Channel;

namespace Unstale.Benchmarks.Channel;

/// <summary>Delay from the publishing call to the callback, beside a message from one bare socket to another.</summary>
internal static class DelayBudgets
{
    private const double Limit = 1_000;

    public static IEnumerable<BudgetLine> Measure(PrivateRedis server, RedisScale scale)
    {
        // Warm-up.
        Bare(server, scale.Probes / 4);
        Ours(server, scale.Probes / 4);
        var bare = Bare(server, scale.Probes);
        var ours = Ours(server, scale.Probes);
        yield return new("published to callback, p50", "µs", ours.At(0.5)) { Bare = bare.At(0.5), Limit = Limit };
        yield return new("published to callback, p99", "µs", ours.At(0.99)) { Bare = bare.At(0.99) };
    }

    private static double[] Bare(PrivateRedis server, int probes)
    {
        const string Channel = "bare-delay";
        var arrivals = new Arrivals(probes);
        var next = 0;
        using var publisher = new BarePublisher(server, Channel);
        using var subscriber = new BareSubscriber(server, Channel, count =>
        {
            for (; count > 0; count--)
                arrivals.Arrived(next++);
        });
        return ProbeTests.Run(arrivals, _ =>
        {
            publisher.Publish(1);
            return default;
        });
    }

    private static double[] Ours(PrivateRedis server, int probes)
    {
        var configuration = $"127.0.0.1:{server.Port}";
        var publisher = InvalidationPublisher.Create(configuration, "user-service");
        var subscriber = InvalidationSubscriber.Create(configuration);
        var arrivals = new Arrivals(probes);
        var subscription = subscriber.Subscribe((message, _) =>
        {
            arrivals.Arrived(int.Parse(message.EntityId!, CultureInfo.InvariantCulture));
            return default;
        });
        try
        {
            new ValueTask(subscription.Subscribed).Wait();
            return ProbeTests.Run(arrivals, async probe =>
                await publisher.InvalidateCustomAsync("product", ChannelMessages.Id(probe)).ConfigureAwait(false));
        }
        finally
        {
            subscription.DisposeAsync().Wait();
            subscriber.DisposeAsync().Wait();
            publisher.DisposeAsync().Wait();
        }
    }
}
