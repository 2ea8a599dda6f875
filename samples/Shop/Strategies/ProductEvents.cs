using System.Threading.Channels;
using Unstale.Redis.Channel;

namespace Shop.Strategies;

/// <summary>
/// Channel from the shop to the cart and, with Redis, to other services. A full channel drops its oldest event: an event only lets a cart act early,
/// while correct values depend on the log.
/// </summary>
/// <param name="publisher">
/// Function that returns the publisher to other processes, or null if there is none. Called late, so that a bad setting is reported when the host
/// starts.
/// </param>
internal sealed class ProductEvents(Func<InvalidationPublisher?> publisher)
{
    private readonly Channel<ProductEvent> _channel = Channel.CreateBounded<ProductEvent>(
        new BoundedChannelOptions(1024) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    public ValueTask PublishAsync(ProductEvent published) => PublishAsync(published, ForeignMessages.Product(published.ProductId, published.Action));

    /// <summary>Sends a key instead of the product to other processes.</summary>
    public ValueTask PublishKeyAsync(ProductEvent published, string key) => PublishAsync(published, ForeignMessages.Key(key));

    public IAsyncEnumerable<ProductEvent> ReadAllAsync(CancellationToken cancellationToken) => _channel.Reader.ReadAllAsync(cancellationToken);

    private async ValueTask PublishAsync(ProductEvent published, byte[] message)
    {
        await _channel.Writer.WriteAsync(published, CancellationToken.None);
        if (publisher() is { } others)
        {
            // While Redis is unavailable the publisher waits. The write does not, and the next message waits behind this one.
            _ = others.TryPublishAsync(ForeignChannels.ProductUpdates, message, CancellationToken.None).AsTask();
        }
    }
}
