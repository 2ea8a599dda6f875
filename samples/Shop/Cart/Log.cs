namespace Shop.Cart;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "The cart could not fetch product {ProductId} after its event; the next read will", EventName = "CouldNotFetch")]
    public static partial void CouldNotFetch(ILogger logger, long productId, Exception exception);
}
