using System.Globalization;
using Npgsql;
using Unstale.Boundary;

namespace Unstale.PostgreSql.Capture;

/// <summary>
/// Waits until statements see a transaction. The server decodes a commit before its statements see the data, by far if a synchronous standby is slow. An
/// invalidation in that time would be too early: a read after it could still load the old row.
/// </summary>
/// <param name="time">Clock of the pauses.</param>
internal sealed class EndedTransactions(GuardedTime time)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);

    private uint _next;
    private HashSet<uint> _running = [];
    private bool _isKnown;

    /// <summary>Returns when the current snapshot of the server shows the transaction as ended.</summary>
    public async Task WaitAsync(NpgsqlConnection connection, uint transaction, CancellationToken cancellationToken)
    {
        for (var pause = TimeSpan.FromMilliseconds(1); !_isKnown || !IsEnded(transaction); pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            if (_isKnown && pause > TimeSpan.FromMilliseconds(1))
                await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
            await ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Ids have 32 bits and wrap around; two ids that exist at the same time are less than half of the range apart.</summary>
    private bool IsEnded(uint transaction) => (int)(transaction - _next) < 0 && !_running.Contains(transaction);

    private async Task ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var rows = await connection.RowsAsync("SELECT pg_current_snapshot()::text", static row => row.GetString(0), cancellationToken).ConfigureAwait(false);
        (_next, _running) = Parse(rows[0]);
        _isKnown = true;
    }

    /// <summary>Reads <c>xmin:xmax:xip,xip</c>. The lower half of each id of 64 bits is the id of 32 bits.</summary>
    internal static (uint Next, HashSet<uint> Running) Parse(string snapshot)
    {
        var parts = snapshot.Split(':');
        return (Low(parts[1]), [.. parts[2].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Low)]);
    }

    private static uint Low(string id) => (uint)(ulong.Parse(id, CultureInfo.InvariantCulture) & uint.MaxValue);
}
