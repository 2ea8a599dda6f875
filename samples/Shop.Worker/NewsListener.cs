using Unstale.Redis.Channel;

namespace Shop.Worker;

/// <summary>Service that receives news about products, logs them, and loads the products that the worker holds.</summary>
/// <param name="subscriber">Function that returns the subscriber. Called late, so that a bad setting is reported when the host starts.</param>
/// <param name="products">Products held by the worker.</param>
/// <param name="logger">Logger for received news.</param>
internal sealed class NewsListener(Func<InvalidationSubscriber> subscriber, HeldProducts products, ILogger<NewsListener> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var subscription = subscriber().Subscribe(ForeignChannels.ProductUpdates, HearAsync);
        await subscription.Subscribed.WaitAsync(stoppingToken);
        Log.Listening(logger, ForeignChannels.ProductUpdates);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async ValueTask HearAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var news = ProductNews.Read(payload);
        if (news.Product is not { } id)
            return;

        var said = news.Action ?? news.Key ?? "something";
        if (await products.FetchAheadAsync(id, cancellationToken))
        {
            Log.ReceivedAndFetched(logger, id, said);
        }
        else
        {
            Log.Received(logger, id, said);
        }
    }
}
