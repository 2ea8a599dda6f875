namespace Unstale.Store;

/// <summary>
/// Protects the source while this node is not trusted, or has just forgotten everything, and every read goes there: so many loads at
/// once, so many waiting.
/// </summary>
internal sealed class LoadGate(string cache, int atOnce, int waiting) : IDisposable
{
    private readonly SemaphoreSlim _places = new(atOnce, atOnce);
    private int _waiting;

    /// <param name="isTrusted">Why it is needed, for the message: not for want of trust, but because everything was just forgotten.</param>
    /// <param name="cancellationToken">Gives the place up.</param>
    public async ValueTask EnterAsync(bool isTrusted, CancellationToken cancellationToken)
    {
        if (_places.Wait(0, CancellationToken.None))
            return;
        try
        {
            if (Interlocked.Increment(ref _waiting) > waiting)
                throw Errors.LoadLimit(cache, isTrusted, atOnce, waiting);
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
