namespace Unstale.Store;

/// <summary>Protects the source while this node is not trusted and every read goes there: so many loads at once, so many waiting.</summary>
internal sealed class LoadGate(string cache, int atOnce, int waiting) : IDisposable
{
    private readonly SemaphoreSlim _places = new(atOnce, atOnce);
    private int _waiting;

    public async ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        if (_places.Wait(0, CancellationToken.None))
            return;
        try
        {
            if (Interlocked.Increment(ref _waiting) > waiting)
                throw Errors.LoadLimit(cache, atOnce, waiting);
            await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    public void Leave() => _places.Release();

    public void Dispose() => _places.Dispose();
}
