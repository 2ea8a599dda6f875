using Unstale.Remote;

namespace Unstale.Store;

/// <summary>
/// Renews the leases of loads that are running, all by one timer that runs while there are any. A node that dies stops renewing, so that its
/// leases end soon. A lease that an invalidation destroyed is not renewed again.
/// </summary>
internal sealed class LeaseKeeper
{
    /// <summary>Lifetime of a lease after its last renewal. Other nodes wait that long at most for a node that died.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly HashSet<RemoteLease> _kept = new(ReferenceEqualityComparer.Instance);
    private readonly StoreContext _context;
    private readonly ITimer _timer;
    private bool _isRunning;

    /// <param name="context">The cache whose loads hold the leases.</param>
    /// <param name="lifetime">Cancelled when the cache ends: nothing is renewed any more.</param>
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

    /// <summary>Stops the timer only here: a timer that each load starts and stops would cost each load two changes of it.</summary>
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
