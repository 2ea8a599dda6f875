using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Telemetry;

namespace Unstale.Node;

/// <summary>
/// Log lines about outages, each written once: the log cannot be followed, the log cannot be written, both work again; the node is not trusted, the
/// node is trusted again.
/// </summary>
/// <param name="log">Name of the log.</param>
/// <param name="bound">Staleness bound, in milliseconds.</param>
/// <param name="logger">Logger of the lines.</param>
internal sealed class OutageLog(string log, long bound, GuardedLogger logger)
{
    private readonly Lock _gate = new();
    private OncePerOutage _tails;
    private OncePerOutage _appends;
    private OncePerOutage _trust;

    /// <summary>Whether an outage of tails or appends is open. Read without the lock for every tail.</summary>
    private bool _isOut;

    public void TailFailed(Exception exception)
    {
        if (Starts(ref _tails))
            logger.TailFailed(exception, log);
    }

    /// <param name="exception">Cause of the failure.</param>
    /// <param name="queued">Number of invalidations not yet in the log.</param>
    public void AppendFailed(Exception exception, long queued)
    {
        if (Starts(ref _appends))
            logger.AppendQueued(exception, log, queued);
    }

    /// <summary>Reports that a tail succeeded and the node is in the log's generation.</summary>
    public void Followed()
    {
        if (Ends(ref _tails))
            logger.LogReachable(log);
    }

    /// <summary>Reports that the log has accepted all invalidations with a failed append.</summary>
    public void Accepted()
    {
        if (Ends(ref _appends))
            logger.LogReachable(log);
    }

    /// <summary>Reports the trust of the node. Called at each heartbeat, so that no read has to check.</summary>
    /// <param name="isTrusted">Whether the node is trusted now.</param>
    /// <param name="sinceConfirmed">Time since the last confirmation, or since the start of the node, in milliseconds.</param>
    public void TrustChecked(bool isTrusted, long sinceConfirmed)
    {
        if (isTrusted)
        {
            if (_trust.End())
                logger.TrustedAgain(log);
        }
        else if (sinceConfirmed >= bound && _trust.Start())
        {
            logger.NotTrusted(log, sinceConfirmed / 1000.0, TimeSpan.FromMilliseconds(bound));
        }
    }

    private bool Starts(ref OncePerOutage outage)
    {
        lock (_gate)
        {
            _isOut = true;
            return outage.Start();
        }
    }

    private bool Ends(ref OncePerOutage outage)
    {
        if (!Volatile.Read(ref _isOut)) // an outage that starts meanwhile is ended by the next tail
            return false;
        lock (_gate)
        {
            outage.End();
            var ends = _isOut && !_tails.IsOpen && !_appends.IsOpen;
            _isOut &= !ends;
            return ends;
        }
    }
}
