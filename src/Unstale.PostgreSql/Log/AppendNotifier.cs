using Unstale.Boundary;
using Unstale.PostgreSql.Connection;

namespace Unstale.PostgreSql.Log;

/// <summary>
/// Notifies other nodes after appends. A notification is a transaction of its own, because the server commits transactions with notifications one after the
/// other. Under load one notification is sent for all appends within a pause. The pause is a multiple of the duration of a notification, so that a busy server
/// receives fewer.
/// </summary>
/// <param name="connection">Function that returns the connection; null for none.</param>
/// <param name="statements">Statements of the log.</param>
/// <param name="time">Clock of the pauses.</param>
internal sealed class AppendNotifier(Func<CallConnection?> connection, LogStatements statements, GuardedTime time)
{
    private const int Multiple = 2;
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(1), LongestPause = TimeSpan.FromMilliseconds(5);

    private int _wanted;
    private int _isRunning;

    /// <summary>Called after an append is committed. Never waits.</summary>
    public void Appended()
    {
        Volatile.Write(ref _wanted, 1);
        if (Interlocked.Exchange(ref _isRunning, 1) == 0)
            WithoutExecutionContext.Begin(this, static notifier => notifier.RunAsync());
    }

    private async Task RunAsync()
    {
        do
        {
            while (Interlocked.Exchange(ref _wanted, 0) == 1)
            {
                var begin = time.GetTimestamp();
                await NotifyAsync().ConfigureAwait(false);
                await Task.Delay(PauseAfter(time.GetElapsedTime(begin)), time).ConfigureAwait(false);
            }

            Volatile.Write(ref _isRunning, 0);
        }
        while (Volatile.Read(ref _wanted) == 1 && Interlocked.Exchange(ref _isRunning, 1) == 0);
    }

    private static TimeSpan PauseAfter(TimeSpan notification) => TimeSpan.FromTicks(Math.Clamp(notification.Ticks * Multiple, ShortestPause.Ticks, LongestPause.Ticks));

    private async Task NotifyAsync()
    {
        try
        {
            if (connection() is { } open)
                await open.RunAsync(statements.Notify()).ConfigureAwait(false);
        }
        catch (DatabaseException)
        {
            // Other nodes find the records with their next look at the log.
        }
    }
}
