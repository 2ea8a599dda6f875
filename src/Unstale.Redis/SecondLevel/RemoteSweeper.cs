using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Redis.Connection;
using Unstale.Redis.Log;
using Unstale.Redis.Telemetry;

namespace Unstale.Redis.SecondLevel;

/// <summary>
/// Removes values matched by patterns and all-ofs from the server, so that these selectors leave the list included in every get. Starts when a
/// tail reply lists selectors. One node of the log sweeps at a time; another node takes over if the sweeping node fails.
/// </summary>
internal sealed class RemoteSweeper : IAsyncDisposable
{
    // Nodes receive the same record at the same time.
    private static readonly TimeSpan LongestJitter = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(1);

    private readonly RedisInvalidationLog _log;
    private readonly GuardedLogger _logger;
    private readonly GuardedTime _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly string _token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
    private Task _running = Task.CompletedTask;
    private bool _disposed;

    /// <summary>Written only by the single running sweep.</summary>
    private bool _loggedRefused;

    public RemoteSweeper(RedisInvalidationLog log, GuardedLogger logger)
    {
        _log = log;
        _logger = logger;
        _time = log.Hub.TimeProvider;
        log.SelectorsListed = Listed;
    }

    public async ValueTask DisposeAsync()
    {
        Task running;
        lock (_gate)
        {
            if (_disposed)
                return;

            _disposed = true;
            running = _running;
        }

        _log.SelectorsListed = null;
        _ = await GuardedCancellation.CancelAsync(_stop).ConfigureAwait(false);
        await running.ConfigureAwait(false);
        _stop.Dispose();
    }

    private void Listed(RedisLogSession session, RedisSession link, Generation generation, int selectors)
    {
        lock (_gate)
        {
            if (!_disposed && _running.IsCompleted)
                _running = WithoutExecutionContext.Run(() => RunAsync(link, generation));
        }
    }

    /// <summary>Runs a sweep. Never throws, and does not complete before the next attempt is allowed.</summary>
    private async Task RunAsync(RedisSession link, Generation generation)
    {
        try
        {
            await Task.Delay(LongestJitter * Random.Shared.NextDouble(), _time, _stop.Token).ConfigureAwait(false);
            if (!await SweepAsync(link, generation).ConfigureAwait(false))
                await Task.Delay(TryAgain, _time, _stop.Token).ConfigureAwait(false);
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // The lease expires, and removed values stay removed. The connection of the sweep may be closed before the sweep is cancelled.
        }
    }

    private async Task<bool> SweepAsync(RedisSession link, Generation generation)
    {
        try
        {
            var began = _time.GetTimestamp();
            var sweep = new Sweep(_log, link, generation, _token, _stop.Token);
            if (!await sweep.RunAsync().ConfigureAwait(false))
                return false;

            _loggedRefused = false;
            _logger.Swept(_log.Name, sweep.Removed, sweep.Visited, (long)_time.GetElapsedTime(began).TotalMilliseconds);
            return true;
        }
        catch (Exception why) when (!_stop.IsCancellationRequested)
        {
            if (why is CallRefusedException { Kind: CallErrorKind.NoPermission } && !_loggedRefused)
            {
                _loggedRefused = true;
                _logger.SweepRefused(why, _log.Name);
            }
            else
            {
                _logger.SweepFailed(why, _log.Name);
            }

            return false;
        }
    }
}
