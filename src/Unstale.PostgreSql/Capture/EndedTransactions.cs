using System.Globalization;
using Npgsql;
using Unstale.Boundary;
using Unstale.PostgreSql.Connection;

namespace Unstale.PostgreSql.Capture;

/// <summary>
/// Waits until statements see transactions. The server decodes a commit before its statements see the data, by far if a synchronous standby is slow. An
/// invalidation in that time would be too early: a read after it could still load the old row. One look at the server serves all transactions that wait.
/// </summary>
/// <param name="connections">Connections to the server.</param>
/// <param name="time">Clock of the pauses.</param>
internal sealed class EndedTransactions(CaptureConnections connections, GuardedTime time)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly WakeSignal _added = new();
    private readonly List<(uint Id, TaskCompletionSource Ended)> _waiting = [];
    private uint _next;
    private HashSet<uint> _running = [];
    private bool _isKnown;
    private Exception? _failure;

    /// <summary>Returns a task that ends when a snapshot of the server shows the transaction as ended, and fails when <see cref="RunAsync"/> ends before.</summary>
    public Task WaitAsync(uint transaction)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_failure is not null)
                return Task.FromException(_failure);
            if (IsEnded_NeedsLock(transaction))
                return Task.CompletedTask;
            _waiting.Add((transaction, ended));
        }

        _added.Set();
        return ended.Task;
    }

    /// <summary>Looks at the server while transactions wait, until cancelled or until a statement fails.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var connection = await connections.OpenAsync(cancellationToken).ConfigureAwait(false);
            await using var owned = connection.ConfigureAwait(false);
            while (true)
                await PassAsync(connection, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            lock (_gate)
            {
                _failure = exception;
                _waiting.ForEach(one => one.Ended.TrySetException(exception));
                _waiting.Clear();
            }
        }
    }

    /// <summary>Waits for a transaction, and looks until none waits.</summary>
    private async Task PassAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var added = _added.Next;
        if (!IsAnyWaiting())
            await added.WaitAsync(cancellationToken).ConfigureAwait(false);
        for (var pause = ShortestPause / 4; IsAnyWaiting(); pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            added = _added.Next;
            if (pause > ShortestPause) // the first looks follow each other: most transactions end within one
                await Task.WhenAny(added, Task.Delay(pause, time, cancellationToken)).ConfigureAwait(false);
            var rows = await connection.RowsAsync("SELECT pg_current_snapshot()::text", static row => row.GetString(0), cancellationToken).ConfigureAwait(false);
            if (End(rows[0]))
                pause = ShortestPause / 4;
        }
    }

    private bool IsAnyWaiting()
    {
        lock (_gate)
            return _waiting.Count > 0;
    }

    /// <summary>Ends the waits that a snapshot ends. Returns whether there were any.</summary>
    private bool End(string snapshot)
    {
        lock (_gate)
        {
            (_next, _running) = Parse(snapshot);
            _isKnown = true;
            return _waiting.RemoveAll(one => IsEnded_NeedsLock(one.Id) && one.Ended.TrySetResult()) > 0;
        }
    }

    /// <summary>Ids have 32 bits and wrap around; two ids that exist at the same time are less than half of the range apart.</summary>
    private bool IsEnded_NeedsLock(uint transaction) => _isKnown && (int)(transaction - _next) < 0 && !_running.Contains(transaction);

    /// <summary>Reads <c>xmin:xmax:xip,xip</c>. The lower half of each id of 64 bits is the id of 32 bits.</summary>
    internal static (uint Next, HashSet<uint> Running) Parse(string snapshot)
    {
        var parts = snapshot.Split(':');
        return (Low(parts[1]), [.. parts[2].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Low)]);
    }

    private static uint Low(string id) => (uint)(ulong.Parse(id, CultureInfo.InvariantCulture) & uint.MaxValue);
}
