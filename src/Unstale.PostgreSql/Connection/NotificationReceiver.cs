using Npgsql;
using Unstale.Boundary;
using Unstale.PostgreSql.Telemetry;

namespace Unstale.PostgreSql.Connection;

/// <summary>
/// Receives notifications over a connection of its own. Without this connection records arrive with the next look at the log, so a failure is only logged.
/// </summary>
internal sealed class NotificationReceiver(NpgsqlDataSource source, LinkSettings settings, ILinkListener listener, GuardedTime time, GuardedLogger logger)
{
    /// <summary>Pause between two checks of a silent connection. A router may drop the connection without notice.</summary>
    private const int CheckEvery = 10_000;

    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);

    /// <summary>Receives until cancelled. Never fails.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff();
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await ReceiveAsync(backoff, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception why)
            {
                var explained = ServerErrors.Explain(why, settings.Place, settings.Schema);
                if (_reported.Add(explained.Message))
                    logger.NotListening(explained, settings.Place, explained.Message);
            }

            await backoff.PauseAsync(time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ReceiveAsync(Backoff backoff, CancellationToken cancellationToken)
    {
        var connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var owned = connection.ConfigureAwait(false);
        connection.Notification += Notified;
        try
        {
            // A permitted name of a schema needs no quotes.
            await RunAsync(connection, $"LISTEN {settings.Schema}", cancellationToken).ConfigureAwait(false);
            backoff.Succeeded();
            _reported.Clear();
            listener.Listening();
            while (true)
            {
                if (!await connection.WaitAsync(CheckEvery, cancellationToken).ConfigureAwait(false))
                    await RunAsync(connection, "SELECT 1", cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            connection.Notification -= Notified;
        }
    }

    private async Task RunAsync(NpgsqlConnection connection, string statement, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(settings.RequestTimeout, time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
#pragma warning disable CA2100 // The only variable part is the name of the schema, which SchemaName has checked.
        using var command = new NpgsqlCommand(statement, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(ends.Token).ConfigureAwait(false);
    }

    private void Notified(object sender, NpgsqlNotificationEventArgs notification) => listener.Notified(notification.Payload, notification.PID);
}
