namespace Unstale;

/// <summary>One open bypass of one cache. Code that a flow has left running sees that the bypass is closed.</summary>
internal sealed class Bypass : IDisposable
{
    private static readonly AsyncLocal<Bypass?> Ambient = new();

    private readonly object _cache;
    private readonly Bypass? _outer;
    private int _closed;

    /// <param name="cache">The cache whose reads go to the source; only compared.</param>
    public Bypass(object cache)
    {
        (_cache, _outer) = (cache, Ambient.Value);
        Ambient.Value = this;
        ScopeFlow.Hold();
    }

    public static bool IsOpenFor(object cache)
    {
        for (var bypass = Ambient.Value; bypass is not null; bypass = bypass._outer)
        {
            if (bypass._cache == cache && Volatile.Read(ref bypass._closed) == 0)
                return true;
        }

        return false;
    }

    /// <summary>Takes the running flow out of all bypasses.</summary>
    public static void LeaveAll() => Ambient.Value = null;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 1)
            return;
        ScopeFlow.Release();
        if (Ambient.Value == this)
            Ambient.Value = _outer;
    }
}
