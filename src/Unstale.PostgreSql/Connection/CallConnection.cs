using System.Data;
using Npgsql;
using Unstale.Boundary;

namespace Unstale.PostgreSql.Connection;

/// <summary>
/// Open connection for the calls of one log. Calls run one at a time, each as a transaction of its own. After a call without a reply the connection is
/// dropped, because the outcome of the call is unknown.
/// </summary>
internal sealed class CallConnection : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly LinkSettings _settings;
    private readonly GuardedTime _time;
#pragma warning disable CA2213 // Calls may still wait for their turn after the connection is disposed, and without a wait handle there is nothing to release.
    private readonly SemaphoreSlim _turn = new(1, 1);
#pragma warning restore CA2213
    private readonly TaskCompletionSource<Exception> _dropped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _hasWarned;

    public CallConnection(NpgsqlConnection connection, LinkSettings settings, GuardedTime time)
    {
        (_connection, _settings, _time, ProcessId) = (connection, settings, time, connection.ProcessID);
        connection.Notice += Noticed;
    }

    /// <summary>Whether calls may be sent.</summary>
    public bool IsOpen => !_dropped.Task.IsCompleted;

    /// <summary>Completes with the reason when the connection is dropped.</summary>
    public Task<Exception> Dropped => _dropped.Task;

    /// <summary>Number of the server process of this connection, by which own notifications are recognised.</summary>
    public int ProcessId { get; }

    /// <summary>Runs a statement, and returns once its transaction is committed.</summary>
    /// <param name="command">Statement with its parameters. Disposed by this method.</param>
    /// <param name="read">Reads the rows.</param>
    /// <param name="limit">Time limit. Default: the request timeout.</param>
    /// <exception cref="DatabaseException">The server refused the statement, or there is no reply.</exception>
    public async Task<T> CallAsync<T>(NpgsqlCommand command, Func<NpgsqlDataReader, CancellationToken, Task<T>> read, TimeSpan? limit = null)
    {
        using var owned = command;
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!IsOpen)
                throw Errors.Disconnected(_settings.Place);
            using var time = new CancellationTokenSource(limit ?? _settings.RequestTimeout, _time);
            return await RunAsync(command, read, time.Token).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Runs a statement without rows.</summary>
    public Task RunAsync(NpgsqlCommand command, TimeSpan? limit = null) => CallAsync(command, static (_, _) => Task.FromResult(true), limit);

    /// <summary>Ends the use of the connection.</summary>
    public void Drop(Exception why) => _dropped.TrySetResult(why);

    /// <summary>Waits for the running call, and returns the connection to its pool, or closes a broken one.</summary>
    public async ValueTask DisposeAsync()
    {
        Drop(Errors.Disconnected(_settings.Place));
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            _connection.Notice -= Noticed;
            await _connection.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _turn.Release(); // for waiting calls, which find the connection closed
        }
    }

    private async Task<T> RunAsync<T>(NpgsqlCommand command, Func<NpgsqlDataReader, CancellationToken, Task<T>> read, CancellationToken limit)
    {
        command.Connection = _connection;
        command.CommandTimeout = 0; // in seconds, and so too coarse
        _hasWarned = false;
        try
        {
            var reader = await command.ExecuteReaderAsync(limit).ConfigureAwait(false);
            await using var owned = reader.ConfigureAwait(false);
            var result = await read(reader, limit).ConfigureAwait(false);

            // The rows may arrive before the commit. The end of the last result follows the commit.
            while (await reader.NextResultAsync(limit).ConfigureAwait(false))
            {
            }

            // A commit that waits for a standby succeeds when the wait is cancelled, with a warning, and the standby may lack the commit.
            if (_hasWarned || limit.IsCancellationRequested)
                throw Dropping(_hasWarned ? Errors.CommitUncertain(_settings.Place) : Errors.TimedOut(_settings.Place, _settings.RequestTimeout));
            return result;
        }
        catch (OperationCanceledException)
        {
            throw Dropping(Errors.TimedOut(_settings.Place, _settings.RequestTimeout));
        }
        catch (Exception why) when (why is not DatabaseException)
        {
            var explained = ServerErrors.Explain(why, _settings.Place, _settings.Schema);
            if (_connection.FullState != ConnectionState.Open || ServerErrors.IsMissingSchema(why))
                Drop(explained);
            throw explained;
        }
    }

    private DatabaseException Dropping(DatabaseException why)
    {
        Drop(why);
        return why;
    }

    private void Noticed(object sender, NpgsqlNoticeEventArgs notice) => _hasWarned |= notice.Notice.InvariantSeverity == "WARNING";
}
