namespace Unstale.Transactions;

/// <summary>One open bypass of one cache. Code still running after the bypass is closed reads through the cache again.</summary>
internal sealed class Bypass : IDisposable
{
    private static readonly AsyncLocal<Bypass?> Ambient = new();

    private readonly object _cache;
    private readonly Bypass? _outer;
    private int _closed;

    /// <param name="cache">Cache whose reads load from the source. Only compared.</param>
    public Bypass(object cache)
    {
        (_cache, _outer) = (cache, Ambient.Value);
        Ambient.Value = this;
        AmbientScope.BeginUncommitted();
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

    /// <summary>Removes the running flow from all bypasses.</summary>
    public static void LeaveAll() => Ambient.Value = null;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 1)
            return;
        AmbientScope.Release();
        if (Ambient.Value == this)
            Ambient.Value = _outer;
    }
}
