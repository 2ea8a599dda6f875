using Unstale.Boundary;

namespace Unstale.Redis.Resp;

/// <summary>Watches a connection until it is closed: asks a silent server for a sign of life, and renews credentials.</summary>
internal static class RespKeepAlive
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    /// <summary>Why the connection was closed.</summary>
    public static async Task<Exception> WatchAsync(RespConnection connection, RespOptions options, CancellationToken stop)
    {
        var time = options.TimeProvider;
        var renewed = time.GetTimestamp();
        var renewAfter = connection.RenewAfter;
        try
        {
            while (!connection.WhenClosed.IsCompleted)
            {
                if (connection.Silence >= options.KeepAlive)
                {
                    await PingAsync(connection, options, stop).ConfigureAwait(false);
                }

                if (renewAfter is { } due && time.GetElapsedTime(renewed) >= due)
                {
                    var credentials = await RespHandshake.CredentialsAsync(connection.EndPoint, options, stop).ConfigureAwait(false);
                    renewed = time.GetTimestamp();
                    renewAfter = credentials?.RenewAfter;
                    await RespHandshake.AuthenticateAsync(connection, credentials!, stop).ConfigureAwait(false);
                }

                await NextAsync(connection, options, renewAfter - time.GetElapsedTime(renewed), stop).ConfigureAwait(false);
            }
        }
        catch (Exception error)
        {
            connection.Close(stop.IsCancellationRequested ? Errors.ClosedHere(connection.Name) : Errors.KeepAliveFailed(connection.Name, error));
        }

        return await connection.WhenClosed.ConfigureAwait(false);
    }

    private static async Task PingAsync(RespConnection connection, RespOptions options, CancellationToken stop)
    {
        using var ping = RespCommand.Create("PING");
        try
        {
            await connection.CallAsync(ping, options.KeepAlive, stop).ConfigureAwait(false);
        }
        catch (RespServerException)
        {
            // An error is a sign of life too.
        }
    }

    /// <summary>Until the next look: when the silence would be too long, the credentials are due, or the connection is closed.</summary>
    private static async Task NextAsync(RespConnection connection, RespOptions options, TimeSpan? renewal, CancellationToken stop)
    {
        var pause = options.KeepAlive - connection.Silence;
        pause = renewal < pause ? renewal.Value : pause;
        pause = pause < Shortest ? Shortest : pause;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAny(connection.WhenClosed, Task.Delay(pause, options.TimeProvider, either.Token)).ConfigureAwait(false);
        _ = await GuardedCancellation.CancelAsync(either).ConfigureAwait(false);
        stop.ThrowIfCancellationRequested();
    }}
