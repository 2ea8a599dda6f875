namespace Unstale.Store;

/// <summary>A caller's factory, with or without a <see cref="FillContext"/>.</summary>
internal readonly struct FillSource<TState, T>
{
    private readonly TState _state;
    private readonly Func<TState, CancellationToken, ValueTask<T>>? _plain;
    private readonly Func<TState, FillContext, CancellationToken, ValueTask<T>>? _withContext;

    public FillSource(TState state, Func<TState, CancellationToken, ValueTask<T>> factory)
    {
        _state = state;
        _plain = factory;
    }

    public FillSource(TState state, Func<TState, FillContext, CancellationToken, ValueTask<T>> factory)
    {
        _state = state;
        _withContext = factory;
    }

    public FillContext? NewContext(string key, int maximumTagLength) => _withContext is null ? null : new FillContext(key, maximumTagLength);

    public ValueTask<T> InvokeAsync(FillContext? context, CancellationToken cancellationToken) =>
        _plain is null ? _withContext!(_state, context!, cancellationToken) : _plain(_state, cancellationToken);
}
