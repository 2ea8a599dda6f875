namespace Shop.Worker;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Listening on {Channel}", EventName = "Listening")]
    public static partial void Listening(ILogger logger, string channel);

    [LoggerMessage(2, LogLevel.Information, "Heard of product {ProductId}: {What}. It is not held here", EventName = "Heard")]
    public static partial void Received(ILogger logger, long productId, string what);

    [LoggerMessage(3, LogLevel.Information, "Heard of product {ProductId}: {What}. It is held here, and is what the shop has", EventName = "HeardAndFetched")]
    public static partial void ReceivedAndFetched(ILogger logger, long productId, string what);
}
