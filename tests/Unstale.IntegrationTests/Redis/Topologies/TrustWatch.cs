namespace Unstale.IntegrationTests.Redis.Topologies;

/// <summary>Checks every other millisecond whether each node is trusted, and records the times of no trust.</summary>
internal sealed class TrustWatch : IAsyncDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(2);

    private readonly IReadOnlyList<Func<bool>> _nodes;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;
    private TimeSpan _longest;
    private long _lastUntrusted;

    /// <param name="nodes">Functions that return whether a node is trusted at the moment.</param>
    public TrustWatch(IEnumerable<Func<bool>> nodes)
    {
        _nodes = [.. nodes];
        _run = Task.Run(WatchAsync);
    }

    /// <summary>Discards the record.</summary>
    public void Begin()
    {
        lock (_gate)
            (_longest, _lastUntrusted) = (TimeSpan.Zero, 0);
    }

    /// <summary>Returns the longest uninterrupted time in which one node was not trusted, and the last time at which any node was not.</summary>
    public (TimeSpan Longest, long LastUntrusted) Seen()
    {
        lock (_gate)
            return (_longest, _lastUntrusted);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        var since = new long[_nodes.Count];
        using var ticks = new PeriodicTimer(Pace, TimeProvider.System);
        while (!_stop.IsCancellationRequested)
        {
            var now = TimeProvider.System.GetTimestamp();
            for (var i = 0; i < since.Length; i++)
            {
                if (_nodes[i]())
                {
                    since[i] = 0;
                    continue;
                }

                since[i] = since[i] == 0 ? now : since[i];
                lock (_gate)
                {
                    _lastUntrusted = now;
                    _longest = Longer(_longest, TimeProvider.System.GetElapsedTime(since[i], now));
                }
            }

            await ticks.WaitForNextTickAsync();
        }
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
