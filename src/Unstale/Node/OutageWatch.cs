using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Telemetry;

namespace Unstale.Node;

/// <summary>Logs once that the log cannot be followed, once that it cannot be written, and once that both work again.</summary>
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

    /// <param name="exception">Cause of the failure.</param>
    /// <param name="queued">Number of invalidations not yet in the log.</param>
    public void AppendFailed(Exception exception, long queued)
    {
        if (Begins(ref _isAppendSaid))
            logger.AppendQueued(exception, log, queued);
    }

    /// <summary>Reports that a tail succeeded and the node is in the log's generation.</summary>
    public void Followed()
    {
        if (Ends(ref _isTailSaid))
            logger.LogReachable(log);
    }

    /// <summary>Reports that the log has accepted all invalidations with a failed append.</summary>
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
        if (Volatile.Read(ref _isOver)) // called for every tail; an outage that begins meanwhile is ended by the next tail
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
