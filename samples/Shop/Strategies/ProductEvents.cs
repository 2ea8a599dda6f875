using System.Threading.Channels;

namespace Shop.Strategies;

/// <summary>
/// The channel from the shop to the cart. A full one drops its oldest event: an event is news that a cart may act on early, what
/// is true comes by the log.
/// </summary>
internal sealed class ProductEvents
{
    private readonly Channel<ProductEvent> _channel = Channel.CreateBounded<ProductEvent>(
        new BoundedChannelOptions(1024) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    public ValueTask PublishAsync(ProductEvent published) => _channel.Writer.WriteAsync(published, CancellationToken.None);

    public IAsyncEnumerable<ProductEvent> ReadAllAsync(CancellationToken cancellationToken) => _channel.Reader.ReadAllAsync(cancellationToken);
}
