using Unstale.Horizon;
using Unstale.Log;
using Unstale.Values;

namespace Unstale.Node;

/// <summary>Waits until the values invalidated by the selectors of a record are removed from the second level.</summary>
/// <param name="log">Name of the log.</param>
/// <param name="horizon">Horizon with the positions of the records.</param>
/// <param name="connection">Reports that the node is closed.</param>
/// <param name="clock">Clock of the pauses.</param>
internal sealed class RemoteReclaimWaiter(string log, PartitionHorizon horizon, NodeConnection connection, MonotonicClock clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits for one operation that the log has.</summary>
    /// <returns>Number of values removed; null if the log does not have the number.</returns>
    /// <exception cref="ObjectDisposedException">The node was closed during the wait.</exception>
    public async ValueTask<long?> WaitAsync(Operation operation, ILogSession session, CancellationToken cancellationToken)
    {
        if (!HasSelectors(operation.Record))
            return 0;
        while (!connection.HasEnded)
        {
            if (operation.CoveredBy is not null)
                return null; // nothing is removed for "everything"
            var removed = await RequestAsync(session, PositionOf(operation), cancellationToken).ConfigureAwait(false);
            if (removed.IsFinal)
                return removed.Count;
            await Task.Delay(Pause, clock.Provider, cancellationToken).ConfigureAwait(false);
        }

        throw Errors.LogClosed(log);
    }

    private static async ValueTask<RemovedValues> RequestAsync(ILogSession session, LogPosition position, CancellationToken cancellationToken)
    {
        try
        {
            return await session.RemovedValuesAsync(position, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return RemovedValues.Running; // the cause is reported by the tails, which fail too
        }
    }

    private static bool HasSelectors(InvalidationRecord record)
    {
        foreach (ref readonly var target in record.Targets)
        {
            if (target.IsSelector)
                return true;
        }

        return false;
    }

    /// <summary>Returns the position under the lock, because a replay into another generation changes it.</summary>
    private LogPosition PositionOf(Operation operation)
    {
        lock (horizon.Gate)
            return operation.Position;
    }
}
