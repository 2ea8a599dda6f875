using System.Threading.Channels;
using Unstale.Redis.Channel;

namespace Shop.Strategies;

/// <summary>
/// The channel from the shop to the cart, and with Redis to other services too. A full one drops its oldest event: an event is news
/// that a cart may act on early, what is true comes by the log.
/// </summary>
/// <param name="publisher">The way to other processes; null when there is none. Asked late: a bad setting is reported when the host starts.</param>
internal sealed class ProductEvents(Func<InvalidationPublisher?> publisher)
{
    private readonly Channel<ProductEvent> _channel = Channel.CreateBounded<ProductEvent>(
        new BoundedChannelOptions(1024) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    public ValueTask PublishAsync(ProductEvent published) => PublishAsync(published, PlainMessages.Product(published.ProductId, published.Action));

    /// <summary>Tells other processes of a key instead of the product.</summary>
    public ValueTask PublishKeyAsync(ProductEvent published, string key) => PublishAsync(published, PlainMessages.Key(key));

    public IAsyncEnumerable<ProductEvent> ReadAllAsync(CancellationToken cancellationToken) => _channel.Reader.ReadAllAsync(cancellationToken);

    private async ValueTask PublishAsync(ProductEvent published, byte[] message)
    {
        await _channel.Writer.WriteAsync(published, CancellationToken.None);
        if (publisher() is { } others)
        {
            // While Redis is away the publisher waits for it; a write does not, and the next one stands behind it.
            _ = others.TryPublishAsync(PlainChannels.ProductUpdates, message, CancellationToken.None).AsTask();
        }
    }
}
