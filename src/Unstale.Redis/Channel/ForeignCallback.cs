using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Redis.Telemetry;

namespace Unstale.Redis.Channel;

/// <summary>Passes payloads of one channel to a callback that may throw, and counts the results.</summary>
internal sealed class ForeignCallback(
    string channel, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> callback, ChannelStatistics statistics, GuardedLogger logger, GuardedTime time)
{
    // Of several failures in a row, the first is logged. Only the single reader of the queue writes these fields.
    private bool _loggedRejected;
    private bool _loggedFailed;

    public async ValueTask ReceiveAsync(byte[] payload, CancellationToken stop)
    {
        var began = time.GetTimestamp();
        var failure = payload.Length > MessageLimits.Bytes ? Errors.ForeignMessageTooLarge() : await UserCode.CallAsync(CallOut.Handler, (callback, payload, stop), static s => s.callback(s.payload, s.stop)).ConfigureAwait(false);
        if (failure is null)
        {
            (_loggedRejected, _loggedFailed) = (false, false);
            statistics.Count(static figures => figures with { Received = figures.Received + 1 });
        }
        else if (failure is FormatException)
        {
            statistics.Count(static figures => figures with { Rejected = figures.Rejected + 1, Errors = figures.Errors + 1 });
            if (!_loggedRejected)
            {
                _loggedRejected = true;
                logger.MessageRejected(channel, UserCode.MessageOf(failure));
            }
        }
        else
        {
            statistics.Count(static figures => figures with { Received = figures.Received + 1, Errors = figures.Errors + 1 });
            if (!_loggedFailed)
            {
                _loggedFailed = true;
                logger.CallbackFailed(failure, channel);
            }
        }

        statistics.RecordLatency(time.GetElapsedTime(began).TotalMilliseconds);
    }
}
