using System.Globalization;
using Npgsql;
using Unstale.Boundary;
using Unstale.PostgreSql.Connection;

namespace Unstale.PostgreSql.Capture;

/// <summary>
/// Waits until statements see transactions. The server decodes a commit before its statements see the data, by far if a synchronous standby is slow. An
/// invalidation in that time would be too early: a read after it could still load the old row. One look at the server serves all transactions that wait.
/// </summary>
/// <param name="connection">Open connection for the looks. Disposed by this object.</param>
/// <param name="time">Clock of the pauses.</param>
/// <param name="stop">Cancels all waits. Must be cancelled before the disposal.</param>
internal sealed class EndedTransactions(NpgsqlConnection connection, GuardedTime time, CancellationToken stop) : IAsyncDisposable
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly WakeSignal _added = new();
    private readonly List<(uint Id, TaskCompletionSource Ended)> _waiting = [];
    private Task _looks = Task.CompletedTask;
    private uint _next;
    private HashSet<uint> _running = [];
    private bool _isKnown;
    private Exception? _failure;

    /// <summary>
    /// Returns a task that ends when a snapshot of the server shows the transaction as ended, and fails when a look at the server fails. Called by one thread
    /// at a time.
    /// </summary>
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
            if (_waiting.Count > 1)
            {
                _added.Set();
                return ended.Task;
            }
        }

        _looks = LookAsync(); // the first look is sent by this thread
        return ended.Task;
    }

    public async ValueTask DisposeAsync()
    {
        await _looks.ConfigureAwait(false);
        await connection.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Looks at the server until no transaction waits. Never fails: a failure ends all waits.</summary>
    private async Task LookAsync()
    {
        try
        {
            var pause = ShortestPause / 4;
            while (true)
            {
                var added = _added.Next;
                var snapshot = await connection.ScalarAsync<string>("SELECT pg_current_snapshot()::text", stop).ConfigureAwait(false);
                if (End(snapshot!, out var isIdle))
                    pause = ShortestPause / 4;
                if (isIdle)
                    return;
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                if (pause > ShortestPause) // the first looks follow each other: most transactions end within one
                    await Task.WhenAny(added, Task.Delay(pause, time, stop)).ConfigureAwait(false);
            }
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

    /// <summary>Ends the waits that a snapshot ends. Returns whether there were any.</summary>
    private bool End(string snapshot, out bool isIdle)
    {
        lock (_gate)
        {
            (_next, _running) = Parse(snapshot);
            _isKnown = true;
            var hasEnded = _waiting.RemoveAll(one => IsEnded_NeedsLock(one.Id) && one.Ended.TrySetResult()) > 0;
            isIdle = _waiting.Count == 0;
            return hasEnded;
        }
    }

    /// <summary>Ids have 32 bits and wrap around; two ids that exist at the same time are less than half of the range apart.</summary>
    private bool IsEnded_NeedsLock(uint transaction) => _isKnown && (int)(transaction - _next) < 0 && !_running.Contains(transaction);

    /// <summary>Reads <c>xmin:xmax:xip,xip</c>. The lower half of each id of 64 bits is the id of 32 bits.</summary>
    private static (uint Next, HashSet<uint> Running) Parse(string snapshot)
    {
        var parts = snapshot.Split(':');
        return (Low(parts[1]), [.. parts[2].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Low)]);
    }

    private static uint Low(string id) => (uint)(ulong.Parse(id, CultureInfo.InvariantCulture) & uint.MaxValue);
}
