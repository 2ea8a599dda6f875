namespace Shop.Load;

/// <summary>Requests without a usable response: not stale, but not served either.</summary>
internal sealed class Failures(long began)
{
    private readonly Lock _lock = new();
    private long _first;
    private long _last;

    public long Count { get; private set; }

    /// <summary>Time of the first failure, in seconds since the load began.</summary>
    public double FirstSeconds => Clock.Milliseconds(began, _first) / 1000;

    /// <summary>Time of the last failure, in seconds since the load began.</summary>
    public double LastSeconds => Clock.Milliseconds(began, _last) / 1000;

    public void Add(long at)
    {
        lock (_lock)
        {
            _first = Count == 0 ? at : Math.Min(_first, at);
            _last = Math.Max(_last, at);
            Count++;
        }
    }
}
