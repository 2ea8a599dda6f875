using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Telemetry;

namespace Unstale.Node;

/// <summary>Says once that this node has passed the bound, and once that it is trusted again. Looks when the heart beats, so that no read has to.</summary>
internal sealed class TrustWatch(string log, long bound, GuardedLogger logger)
{
    private bool _isSaid;

    /// <param name="isTrusted">Whether the node is trusted now.</param>
    /// <param name="sinceConfirmed">Milliseconds since it was last confirmed, or since it began.</param>
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
