using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Hybrid;

namespace Unstale.Store;

/// <summary>A caller's factory: without a context, with a <see cref="FillContext"/>, or with HybridCache's own context.</summary>
internal readonly struct FillSource<TState, T>
{
    private readonly TState _state;
    private readonly Delegate _factory;

    /// <summary>Options of a call whose factory takes HybridCache's context; their local size seeds that context.</summary>
    private readonly HybridCacheEntryOptions? _options;

    public FillSource(TState state, Func<TState, CancellationToken, ValueTask<T>> factory)
    {
        _state = state;
        _factory = factory;
    }

    public FillSource(TState state, Func<TState, FillContext, CancellationToken, ValueTask<T>> factory)
    {
        _state = state;
        _factory = factory;
    }

    public FillSource(TState state, Func<TState, HybridCacheEntryContext, CancellationToken, ValueTask<T>> factory, HybridCacheEntryOptions? options)
    {
        _state = state;
        _factory = factory;
        _options = options;
    }

    /// <param name="key">The key that is loaded.</param>
    /// <param name="context">The longest tag that the load may add, and where its services come from.</param>
    /// <param name="life">The options in effect, which HybridCache's context shows to the factory.</param>
    public FillContext? NewContext(string key, StoreContext context, in EntryLife life) => _factory switch
    {
        Func<TState, CancellationToken, ValueTask<T>> => null,
        Func<TState, FillContext, CancellationToken, ValueTask<T>> => new FillContext(key, context.MaximumKeyLength, context.Scopes),
        _ => new FillContext(key, context.MaximumKeyLength, context.Scopes) { Hybrid = new HybridContext(life, _options?.LocalSize) },
    };

    /// <summary>Calls the factory, and disposes the services that it has asked for.</summary>
    public ValueTask<T> InvokeAsync(FillContext? context, CancellationToken cancellationToken) =>
        context is null ? CallAsync(null, cancellationToken) : WithServicesAsync(context, cancellationToken);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<T> WithServicesAsync(FillContext context, CancellationToken cancellationToken)
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

    private ValueTask<T> CallAsync(FillContext? context, CancellationToken cancellationToken) => _factory switch
    {
        Func<TState, CancellationToken, ValueTask<T>> plain => plain(_state, cancellationToken),
        Func<TState, FillContext, CancellationToken, ValueTask<T>> withContext => withContext(_state, context!, cancellationToken),
        var hybrid => ((Func<TState, HybridCacheEntryContext, CancellationToken, ValueTask<T>>)hybrid)(_state, context!.Hybrid!.Context, cancellationToken),
    };
}
