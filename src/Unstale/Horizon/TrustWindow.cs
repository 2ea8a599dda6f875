using Unstale.Values;

namespace Unstale.Horizon;

/// <summary>
/// Time window in which a node is trusted: from the last confirmation by the log until the staleness bound has passed. Writes the trust times of the
/// view. Depends on no other part of the horizon. All members require the horizon's lock.
/// </summary>
/// <param name="settings">Settings of the horizon.</param>
/// <param name="view">View that receives the times.</param>
internal sealed class TrustWindow(HorizonSettings settings, HorizonView view)
{
    private long _confirmed = long.MinValue;
    private long _servesBeyond;
    private long _reportedBeyond;
    private bool _isFollowing;
    private bool _isBlocked;
    private bool _isSuspended;
    private bool _isCold;

    /// <summary>Monotonic time, in milliseconds, of the last confirmation while nothing else prevented trust; null before the first.</summary>
    public long? LastConfirmed { get; private set; }

    /// <summary>Serving time beyond the staleness bound, in milliseconds. In force once reported to the log.</summary>
    public long ServesBeyond => _servesBeyond;

    /// <summary>Maximum time after a confirmation for which the node serves values, as reported to the log.</summary>
    public TimeSpan ServesFor => TimeSpan.FromMilliseconds(settings.StalenessBound + _servesBeyond);

    /// <summary>Allows a cache to serve longer than the bound, in milliseconds.</summary>
    public void ServeBeyond(long milliseconds) => _servesBeyond = Math.Max(_servesBeyond, milliseconds);

    /// <summary>Puts the serving time of an answered request in force with the next confirmation.</summary>
    public void Reported(long servesBeyond) => _reportedBeyond = Math.Max(_reportedBeyond, servesBeyond);

    /// <summary>Confirms the node as of the time at which the request for the confirmation was sent.</summary>
    public void Confirm(long sentAt)
    {
        _confirmed = Math.Max(_confirmed, sentAt);
        if (_isCold)
            view.ColdUntil = sentAt + settings.StalenessBound;
        _isCold = false;
        Publish();
    }

    /// <summary>Permits trust from the next confirmation, because the node has entered a generation.</summary>
    public void Enter() => _isFollowing = true;

    /// <summary>Ends trust until the next generation is entered and confirmed.</summary>
    public void Leave()
    {
        _isFollowing = false;
        _confirmed = long.MinValue;
        Publish();
    }

    /// <summary>Prevents trust while own records of a lost generation are not yet in the current one.</summary>
    public void Block(bool isBlocked)
    {
        _isBlocked = isBlocked;
        Publish();
    }

    /// <summary>Prevents trust while changes of the source of truth may be missing from the log, as reported by an integration that reads them.</summary>
    public void Suspend(bool isSuspended)
    {
        _isSuspended = isSuspended;
        Publish();
    }

    /// <summary>Makes the node cold from the next confirmation, for the staleness bound, because everything held was forgotten.</summary>
    public void Cool() => _isCold = true;

    private void Publish()
    {
        var mayTrust = _isFollowing && !_isBlocked && !_isSuspended && _confirmed != long.MinValue;
        var trustedUntil = !mayTrust ? long.MinValue
            : settings.IsLocal ? long.MaxValue
            : _confirmed + settings.StalenessBound - MonotonicClock.Resolution;
        if (mayTrust)
            LastConfirmed = Math.Max(LastConfirmed ?? _confirmed, _confirmed);

        // Written after the marks of the records that the confirmation covers, and read before them.
        Volatile.Write(ref view.TrustedUntil, trustedUntil);
        Volatile.Write(ref view.ServedUntil, trustedUntil is long.MinValue or long.MaxValue ? trustedUntil : trustedUntil + _reportedBeyond);
    }
}
