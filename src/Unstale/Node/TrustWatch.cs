using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Telemetry;

namespace Unstale.Node;

/// <summary>
/// Logs once that this node has passed the staleness bound, and once that it is trusted again. Checked at each heartbeat, so that no read has to
/// check.
/// </summary>
internal sealed class TrustWatch(string log, long bound, GuardedLogger logger)
{
    private bool _isSaid;

    /// <param name="isTrusted">Whether the node is trusted now.</param>
    /// <param name="sinceConfirmed">Time since the last confirmation, or since the start of the node, in milliseconds.</param>
    public void Look(bool isTrusted, long sinceConfirmed)
    {
        if (isTrusted == !_isSaid || (!isTrusted && sinceConfirmed < bound))
            return;
        _isSaid = !isTrusted;
        if (isTrusted)
            logger.TrustedAgain(log);
        else
            logger.NotTrusted(log, sinceConfirmed / 1000.0, TimeSpan.FromMilliseconds(bound));
    }
}
