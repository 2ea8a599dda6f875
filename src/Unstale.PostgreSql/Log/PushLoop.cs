using Unstale.Boundary;
using Unstale.Log;
using Unstale.PostgreSql.Connection;

namespace Unstale.PostgreSql.Log;

/// <summary>
/// Reads the records of other nodes, and pushes them to the node of a session: after each notification, and once per poll interval, because a notification
/// may be lost.
/// </summary>
internal sealed class PushLoop : IAsyncDisposable
{
    private readonly PostgreSqlLogSession _session;
    private readonly LogStatements _statements;
    private readonly PostgreSqlLogSettings _settings;
    private readonly GuardedTime _time;
    private readonly WakeSignal _wake = new();
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public PushLoop(PostgreSqlLogSession session, LogStatements statements, PostgreSqlLogSettings settings, GuardedTime time) =>
        (_session, _statements, _settings, _time) = (session, statements, settings, time);

    public void Start() => _running = WithoutExecutionContext.Run(RunAsync);

    /// <summary>Reads soon.</summary>
    public void Wake() => _wake.Set();

    public async ValueTask DisposeAsync()
    {
        _ = await GuardedCancellation.CancelAsync(_stopping).ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            var wake = _wake.Next;
            try
            {
                while (await ReadAsync().ConfigureAwait(false))
                {
                }
            }
            catch (DatabaseException)
            {
                // The connection is opened again, or the tails report the failure.
            }

            await wake.WaitAsync(_settings.PollInterval, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Reads and pushes one page. Returns true if more records may follow.</summary>
    private async Task<bool> ReadAsync()
    {
        var (generation, after) = _session.Cursor.Position;
        if (generation == Generation.None || _session.Tailed is not { } connection)
            return false;
        var (current, records) = await connection.CallAsync(
            _statements.Read(generation, after, _settings.PageSize), (rows, limit) => LogReplies.ReadAsync(rows, _session.Unreadable, limit)).ConfigureAwait(false);
        if (current != generation)
        {
            _session.Cursor.Forget(); // the node finds the new generation with its tail
            _session.Missed();
            return false;
        }

        _session.Push(connection, generation, records);
        return records.Count == _settings.PageSize && _session.Cursor.Position.Sequence > after; // after a gap only a tail helps
    }
}
