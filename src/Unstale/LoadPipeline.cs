namespace Unstale;

/// <summary>
/// Code around each load of a cache, such as retries or a circuit breaker: the method <c>ExecuteAsync</c> of a Polly <c>ResiliencePipeline</c> has this shape. See
/// <see cref="UnstaleOptions.LoadPipeline"/>.
/// </summary>
/// <param name="load">Calls the factory. May be called again after it has failed, one call at a time. The last call that succeeds provides the value.</param>
/// <param name="cancellationToken">Token of the load, to be passed to <paramref name="load"/>, or a token linked to it.</param>
public delegate ValueTask LoadPipeline(Func<CancellationToken, ValueTask> load, CancellationToken cancellationToken);
