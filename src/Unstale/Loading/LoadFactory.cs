using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Hybrid;

namespace Unstale.Loading;

/// <summary>
/// Factory of a caller: without a context, with a <see cref="LoadContext"/>, or with the context of HybridCache. Few fields: every caller that waits for
/// a load keeps its own copy.
/// </summary>
internal readonly struct LoadFactory<TState, T>
{
    private readonly TState _state;
    private readonly Delegate _factory;

    public LoadFactory(TState state, Func<TState, CancellationToken, ValueTask<T>> factory)
    {
        _state = state;
        _factory = factory;
    }

    public LoadFactory(TState state, Func<TState, LoadContext, CancellationToken, ValueTask<T>> factory)
    {
        _state = state;
        _factory = factory;
    }

    public LoadFactory(TState state, Func<TState, HybridCacheEntryContext, CancellationToken, ValueTask<T>> factory, HybridCacheEntryOptions? options)
    {
        _state = state;
        _factory = options?.LocalSize is { } size ? WithLocalSize(factory, size) : factory;
    }

    /// <param name="key">Key being loaded.</param>
    /// <param name="context">Source of the maximum tag length and of the service scopes.</param>
    /// <param name="life">Options in effect, visible to the factory in the context of HybridCache.</param>
    public LoadContext? NewContext(string key, StoreContext context, in EntryLifetime life) => _factory switch
    {
        Func<TState, CancellationToken, ValueTask<T>> => null,
        Func<TState, LoadContext, CancellationToken, ValueTask<T>> => new LoadContext(key, context.MaximumKeyLength, context.Scopes),
        _ => new LoadContext(key, context.MaximumKeyLength, context.Scopes) { Hybrid = new HybridContext(life) },
    };

    /// <summary>Calls the factory, then disposes the services requested by the factory.</summary>
    public ValueTask<T> InvokeAsync(LoadContext? context, CancellationToken cancellationToken) =>
        context is null ? CallAsync(null, cancellationToken) : WithServicesAsync(context, cancellationToken);

    /// <summary>Returns a factory that receives a context with the local size of the call as its initial value.</summary>
    private static Func<TState, HybridCacheEntryContext, CancellationToken, ValueTask<T>> WithLocalSize(
        Func<TState, HybridCacheEntryContext, CancellationToken, ValueTask<T>> factory, long size) =>
        (state, context, cancellationToken) =>
        {
            context.LocalSize = size;
            return factory(state, context, cancellationToken);
        };

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<T> WithServicesAsync(LoadContext context, CancellationToken cancellationToken)
    {
        try
        {
            return await CallAsync(context, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await context.EndServicesAsync().ConfigureAwait(false);
        }
    }

    private ValueTask<T> CallAsync(LoadContext? context, CancellationToken cancellationToken) => _factory switch
    {
        Func<TState, CancellationToken, ValueTask<T>> plain => plain(_state, cancellationToken),
        Func<TState, LoadContext, CancellationToken, ValueTask<T>> withContext => withContext(_state, context!, cancellationToken),
        var hybrid => ((Func<TState, HybridCacheEntryContext, CancellationToken, ValueTask<T>>)hybrid)(_state, context!.Hybrid!.Context, cancellationToken),
    };
}
