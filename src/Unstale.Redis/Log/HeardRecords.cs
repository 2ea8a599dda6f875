using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Unstale.Redis.Link;
using Unstale.Redis.Resp;
using Unstale.Redis.Scripts;
using Unstale.Redis.Telemetry;

namespace Unstale.Redis.Log;

/// <summary>
/// Brings what was heard elsewhere into the log, in order, and tries again until the log has it. This node learns of it as all others do:
/// by the push. Trying again makes no second record, for the claim of the first one is in the same step as its record.
/// </summary>
internal sealed class HeardRecords : IAsyncDisposable
{
    private const int Capacity = 1024;
    private const int MostRecords = 64;
    private const int ClaimLife = 60_000;

    private static readonly TimeSpan ShutdownLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly RedisInvalidationLog _log;
    private readonly ILogger _logger;
    private readonly Channel<HeardRecord> _queue =
        System.Threading.Channels.Channel.CreateBounded<HeardRecord>(new BoundedChannelOptions(Capacity) { SingleReader = true });

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;
    private readonly Lock _gate = new();
    private bool _everythingWaits;
    private long _everythingAfter;
    private bool _saidFailure;
    private int _disposed;

    public HeardRecords(RedisInvalidationLog log, ILogger logger)
    {
        (_log, _logger) = (log, logger);
        _run = Task.Run(RunAsync);
    }

    /// <summary>Waits for room, not for the log.</summary>
    public ValueTask AddAsync(HeardRecord record, CancellationToken cancellationToken) => _queue.Writer.WriteAsync(record, cancellationToken);

    /// <summary>The same for a record of everything, unless there is one that covers it.</summary>
    /// <param name="everything">The record.</param>
    /// <param name="link">
    /// The link before which something was missed: a link stands when all channels are subscribed, so one record is enough for all of them.
    /// Null if it was missed otherwise: then one that has not set out yet is enough.
    /// </param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public ValueTask AddEverythingAsync(HeardRecord everything, long? link, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (link <= _everythingAfter || (link is null && _everythingWaits))
            {
                return default;
            }

            _everythingAfter = link ?? _everythingAfter;
            _everythingWaits = true;
        }

        return AddAsync(everything, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _queue.Writer.TryComplete();
        await _run.WaitAsync(ShutdownLimit, _log.Hub.TimeProvider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var batch = new List<HeardRecord>(MostRecords);
        while (await _queue.Reader.WaitToReadAsync(_stop.Token).ConfigureAwait(false))
        {
            await LinkAsync().ConfigureAwait(false);
            lock (_gate)
            {
                _everythingWaits = false;
            }

            batch.Clear();
            while (batch.Count < MostRecords && _queue.Reader.TryRead(out var record))
            {
                batch.Add(record);
            }

            while (!await TrySendAsync(batch).ConfigureAwait(false))
            {
                await Task.Delay(Pause, _log.Hub.TimeProvider, _stop.Token).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask<(RedisLogSession Session, RedisLink Link)> LinkAsync()
    {
        while (true)
        {
            if (_log.Session is { Link: { } link } session)
            {
                return (session, link);
            }

            await Task.Delay(Pause, _log.Hub.TimeProvider, _stop.Token).ConfigureAwait(false);
        }
    }

    private async ValueTask<bool> TrySendAsync(List<HeardRecord> batch)
    {
        var (session, link) = await LinkAsync().ConfigureAwait(false);
        try
        {
            using var command = Command(session, link, batch);
            await RedisScripts.Hear.CallAsync(link.Data, command, _log.Settings.RequestTimeout, _stop.Token).ConfigureAwait(false);
            _saidFailure = false;
            return true;
        }
        catch (RespException why)
        {
            if (!_saidFailure)
            {
                _saidFailure = true;
                _logger.HeardNotAppended(_log.Name, why.Message);
            }

            return false;
        }
    }

    private RespCommand Command(RedisLogSession session, RedisLink link, List<HeardRecord> batch)
    {
        foreach (var (_, record) in batch)
        {
            session.StreamLength.Add(RecordFormat.Size(record));
        }

        var command = RedisScripts.Hear.Command(1).Arg(_log.Keys.Control).Arg(link.Run)
            .Generation(Generation.Create()).Arg(session.StreamLength.Records).Arg(_log.Settings.PushLimit).Arg(ClaimLife).Arg(batch.Count);
        foreach (var (claim, record) in batch)
        {
            command.Arg(claim).Record(record);
        }

        return command;
    }
}
