using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Telemetry;

namespace Unstale.Node;

/// <summary>Says once that the log cannot be followed, once that it cannot be written, and once that both work again.</summary>
internal sealed class OutageWatch(string log, GuardedLogger logger)
{
    private readonly Lock _gate = new();
    private bool _isTailSaid;
    private bool _isAppendSaid;
    private bool _isOver = true;

    public void TailFailed(Exception exception)
    {
        if (Begins(ref _isTailSaid))
            logger.TailFailed(exception, log);
    }

    /// <param name="exception">Why.</param>
    /// <param name="queued">How many invalidations the log has not taken.</param>
    public void AppendFailed(Exception exception, long queued)
    {
        if (Begins(ref _isAppendSaid))
            logger.AppendQueued(exception, log, queued);
    }

    /// <summary>A tail was answered, and the node stands in the log's generation.</summary>
    public void Followed()
    {
        if (Ends(ref _isTailSaid))
            logger.LogReachable(log);
    }

    /// <summary>Everything that was sent in vain has been taken.</summary>
    public void Taken()
    {
        if (Ends(ref _isAppendSaid))
            logger.LogReachable(log);
    }

    private bool Begins(ref bool isSaid)
    {
        lock (_gate)
        {
            var isNew = !isSaid;
            isSaid = true;
            _isOver = false;
            return isNew;
        }
    }

    private bool Ends(ref bool isSaid)
    {
        if (Volatile.Read(ref _isOver)) // every tail comes here; what begins meanwhile is ended by the next
            return false;
        lock (_gate)
        {
            isSaid = false;
            var ends = !_isOver && !_isTailSaid && !_isAppendSaid;
            _isOver |= ends;
            return ends;
        }
    }
}
