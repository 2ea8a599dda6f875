using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Log;
using Unstale.Redis.Connection;
using Unstale.Redis.Scripts;
using Unstale.Redis.Telemetry;

namespace Unstale.Redis.Log;

/// <summary>
/// Appends records made from received messages to the log, in order, and retries until the log has accepted the records. This node receives
/// the records by push, like all other nodes. A retry appends no second record, because the claim of the first record is written in the same step.
/// </summary>
internal sealed class ExternalAppender : IAsyncDisposable
{
    private const int Capacity = 1024;
    private const int MostRecords = 64;
    private const int ClaimLife = 60_000;

    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly RedisInvalidationLog _log;
    private readonly GuardedLogger _logger;
    private readonly List<ExternalAppend> _batch = new(MostRecords);
    private readonly WorkQueue<ExternalAppend> _queue;
    private readonly Lock _gate = new();
    private bool _everythingWaits;
    private long _everythingAfter;
    private bool _loggedFailure;

    public ExternalAppender(RedisInvalidationLog log, GuardedLogger logger)
    {
        (_log, _logger) = (log, logger);
        _queue = new(Capacity, ShutdownTimeout, log.Hub.TimeProvider, SendAsync, failure => logger.WorkFailed(failure, log.Name));
    }

    /// <summary>Adds a record to the queue. Waits for room in the queue, not for the log.</summary>
    public ValueTask AddAsync(ExternalAppend record, CancellationToken cancellationToken) => _queue.AddAsync(record, cancellationToken);

    /// <summary>Adds a record of everything to the queue, unless another such record covers the loss.</summary>
    /// <param name="everything">Record of everything.</param>
    /// <param name="link">
    /// Number of the link before which messages were missed. A link opens when all channels are subscribed, so one record is enough for all channels.
    /// Null if messages were missed for another reason: then a record that has not been sent yet is enough.
    /// </param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public ValueTask AddEverythingAsync(ExternalAppend everything, long? link, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (link <= _everythingAfter || (link is null && _everythingWaits))
                return default;

            _everythingAfter = link ?? _everythingAfter;
            _everythingWaits = true;
        }

        return AddAsync(everything, cancellationToken);
    }

    public ValueTask DisposeAsync() => _queue.DisposeAsync();

    private async ValueTask SendAsync(ChannelReader<ExternalAppend> waiting, CancellationToken stop)
    {
        await LinkAsync(stop).ConfigureAwait(false);
        lock (_gate)
            _everythingWaits = false;

        _batch.Clear();
        while (_batch.Count < MostRecords && waiting.TryRead(out var record))
            _batch.Add(record);

        while (!await TrySendAsync(stop).ConfigureAwait(false))
            await Task.Delay(Pause, _log.Hub.TimeProvider, stop).ConfigureAwait(false);
    }

    private async ValueTask<(RedisLogSession Session, RedisSession Link)> LinkAsync(CancellationToken stop)
    {
        while (true)
        {
            if (_log.Session is { Link: { } link } session)
                return (session, link);

            await Task.Delay(Pause, _log.Hub.TimeProvider, stop).ConfigureAwait(false);
        }
    }

    private async ValueTask<bool> TrySendAsync(CancellationToken stop)
    {
        var (session, link) = await LinkAsync(stop).ConfigureAwait(false);
        try
        {
            foreach (var (_, record) in _batch)
                session.StreamLength.Add(record.Size);

            for (var call = 1; await IsRefusedAsync(session, link, stop).ConfigureAwait(false); call++)
            {
                if (call == ListedCaches.MostCalls)
                    throw Errors.CachesChanged("append_external", _log.Name);
            }

            _loggedFailure = false;
            return true;
        }
        catch (CallException why)
        {
            if (!_loggedFailure)
            {
                _loggedFailure = true;
                _logger.ReceivedNotAppended(_log.Name, why.Message);
            }

            return false;
        }
    }

    private async ValueTask<bool> IsRefusedAsync(RedisLogSession session, RedisSession link, CancellationToken stop)
    {
        using var command = Command(session, link, _log.Caches.Current);
        var reply = await _log.Scripts.CallAsync(RedisScripts.AppendExternal, link.Data, command, _log.Scripts.Run(link), stop).ConfigureAwait(false);
        if (reply is { IsAggregate: true, Items: [{ Type: RedisReplyType.Integer }, .. var foreign] })
        {
            _log.Scripts.ReportReplaced(foreign, link.Data);
            return false;
        }

        return _log.Caches.IsRefused(reply);
    }

    private RedisCall Command(RedisLogSession session, RedisSession link, CacheList caches)
    {
        var command = _log.Scripts.HistoryCommand(RedisScripts.AppendExternal, _batch.Sum(received => Claims(received) + caches.Count(received.Record)));
        foreach (var received in _batch)
        {
            if (Claims(received) > 0)
                command.Key(_log.Keys.Claims, received.Claim);

            caches.AddKeys(command, received.Record);
        }

        _log.Scripts.Publishing(command, link).Generation(_log.Generations.Next()).Arg(session.StreamLength.Records).Arg(_log.Settings.PushLimit)
            .Arg(caches.Text).Arg(ClaimLife).Arg(_batch.Count);
        foreach (var received in _batch)
            command.Arg(Claims(received)).Record(received.Record);

        return command;
    }

    private static int Claims(in ExternalAppend received) => received.Claim.Length > 0 ? 1 : 0;
}
