using Unstale.Remote;

namespace Unstale.Loading;

/// <summary>
/// Renews the leases of running loads, all with one timer, which runs only while there are leases. A node that dies stops renewing, so its leases end
/// soon. A lease destroyed by an invalidation is not renewed again.
/// </summary>
internal sealed class LeaseKeeper
{
    /// <summary>Lifetime of a lease after the last renewal, and maximum time other nodes wait for a node that died: 5 seconds.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly HashSet<RemoteLease> _kept = new(ReferenceEqualityComparer.Instance);
    private readonly StoreContext _context;
    private readonly ITimer _timer;
    private bool _isRunning;

    /// <param name="context">Cache whose loads hold the leases.</param>
    /// <param name="lifetime">Token that is cancelled when the cache ends. Leases are not renewed afterwards.</param>
    public LeaseKeeper(StoreContext context, CancellationToken lifetime)
    {
        _context = context;
        _timer = context.Clock.Provider.CreateTimer(static keeper => ((LeaseKeeper)keeper!).Renew(), this, failed: null);
        lifetime.UnsafeRegister(static timer => ((ITimer)timer!).Dispose(), _timer);
    }

    public void Add(RemoteLease lease)
    {
        lock (_gate)
        {
            _kept.Add(lease);
            if (_isRunning)
                return;
            _isRunning = true;
            _timer.Change(Every, Every);
        }
    }

    public void Remove(RemoteLease lease)
    {
        lock (_gate)
            _kept.Remove(lease);
    }

    /// <summary>
    /// Renews all leases. The timer is stopped only here, because starting and stopping with each load would change the timer twice per load.
    /// </summary>
    private void Renew()
    {
        RemoteLease[] kept;
        lock (_gate)
        {
            kept = [.. _kept];
            if (kept.Length == 0)
            {
                _isRunning = false;
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                return;
            }
        }

        foreach (var lease in kept)
            _ = RenewAsync(lease);
    }

    private async Task RenewAsync(RemoteLease lease)
    {
        try
        {
            if (_context.Remote!.IsReachable(lease.Partition) && !await _context.Remote.RenewAsync(lease, Life, CancellationToken.None).ConfigureAwait(false))
                Remove(lease);
        }
        catch (Exception exception)
        {
            _context.RemoteFailed(exception);
        }
    }
}
