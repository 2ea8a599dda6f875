using Npgsql;
using Unstale.Boundary;
using Unstale.PostgreSql.Schema;
using Unstale.PostgreSql.Telemetry;

namespace Unstale.PostgreSql.Connection;

/// <summary>
/// Keeps the connections of one log open: one for calls, and one for notifications. Both are opened again after a failure, after a pause that doubles from
/// attempt to attempt.
/// </summary>
internal sealed class DatabaseLink : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;
    private readonly LinkSettings _settings;
    private readonly ILinkListener _listener;
    private readonly GuardedTime _time;
    private readonly GuardedLogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);
    private Exception? _failure;
    private Task _running = Task.CompletedTask;

    public DatabaseLink(NpgsqlDataSource source, LinkSettings settings, ILinkListener listener, GuardedTime time, GuardedLogger logger) =>
        (_source, _settings, _listener, _time, _logger) = (source, settings, listener, time, logger);

    /// <summary>Reason why the newest attempt to connect failed; null for none.</summary>
    public Exception? Failure => Volatile.Read(ref _failure);

    public void Start() => _running = WithoutExecutionContext.Run(RunAsync);

    public async ValueTask DisposeAsync()
    {
        _ = await GuardedCancellation.CancelAsync(_stopping).ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        var backoff = new Backoff();
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var connection = await OpenAsync().ConfigureAwait(false);
                await using (connection.ConfigureAwait(false))
                {
                    backoff.Succeeded();
                    await FollowAsync(connection).ConfigureAwait(false);
                }
            }
            catch (Exception) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception why)
            {
                ReportFailure(ServerErrors.Explain(why, _settings.Place, _settings.Schema));
            }

            await backoff.PauseAsync(_time, _stopping.Token).ConfigureAwait(false);
        }
    }

    /// <summary>Opens the connection for calls, and checks the server and the schema.</summary>
    private async Task<CallConnection> OpenAsync()
    {
        var opened = await _source.OpenConnectionAsync(_stopping.Token).ConfigureAwait(false);
        var connection = new CallConnection(opened, _settings, _time);
        try
        {
            await new ServerCheck(_settings, _logger).RunAsync(connection).ConfigureAwait(false);
        }
        catch (Exception)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        return connection;
    }

    /// <summary>Reports the connection, and receives notifications until the connection is dropped.</summary>
    private async Task FollowAsync(CallConnection connection)
    {
        _reported.Clear();
        Volatile.Write(ref _failure, null);
        _logger.DatabaseConnected(_settings.Place, _settings.Schema);
        _listener.LinkUp(connection);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        var notifications = new NotificationReceiver(_source, _settings, _listener, _time, _logger).RunAsync(ends.Token);
        await ((Task)connection.Dropped).WaitAsync(_stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.LinkDown();
        _ = await GuardedCancellation.CancelAsync(ends).ConfigureAwait(false);
        await notifications.ConfigureAwait(false);
        if (connection.Dropped.IsCompleted)
        {
            var why = await connection.Dropped.ConfigureAwait(false);
            Volatile.Write(ref _failure, why);
            _logger.DatabaseDisconnected(_settings.Place, why.Message);
        }
    }

    private void ReportFailure(DatabaseException why)
    {
        Volatile.Write(ref _failure, why);
        if (_reported.Add(why.Message))
            _logger.DatabaseUnavailable(why, _settings.Place, why.Message);
    }
}
