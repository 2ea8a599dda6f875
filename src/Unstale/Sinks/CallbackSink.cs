namespace Unstale.Sinks;

/// <summary>Sink that calls a delegate.</summary>
internal sealed class CallbackSink(SinkCapabilities capabilities, Func<SinkInvalidation, CancellationToken, ValueTask> callback) : IInvalidationSink
{
    public SinkCapabilities Capabilities => capabilities;

    public ValueTask InvalidateAsync(SinkInvalidation invalidation, CancellationToken cancellationToken) => callback(invalidation, cancellationToken);
}
