using Unstale.Redis.Channel;

namespace Shop.Worker;

/// <summary>Hears what happened to products, says so, and fetches those that the worker holds.</summary>
/// <param name="subscriber">Asked late: a bad setting is reported when the host starts.</param>
/// <param name="products">The worker's own.</param>
/// <param name="logger">Told what was heard.</param>
internal sealed class NewsListener(Func<InvalidationSubscriber> subscriber, HeldProducts products, ILogger<NewsListener> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var subscription = subscriber().Subscribe(PlainChannels.ProductUpdates, HearAsync);
        await subscription.Subscribed.WaitAsync(stoppingToken);
        Log.Listening(logger, PlainChannels.ProductUpdates);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async ValueTask HearAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var news = ProductNews.Read(payload);
        if (news.Product is not { } id)
        {
            return;
        }

        var said = news.Action ?? news.Key ?? "something";
        if (await products.FetchAheadAsync(id, cancellationToken))
        {
            Log.HeardAndFetched(logger, id, said);
        }
        else
        {
            Log.Heard(logger, id, said);
        }
    }
}
