using System.Security.Cryptography;
using Unstale.Log;
using Unstale.Redis.Connection;
using Unstale.Redis.Scripts;

namespace Unstale.Redis.Log;

/// <summary>Session of one node with a log on a Redis server.</summary>
internal sealed partial class RedisLogSession : ILogSession
{
    private readonly RedisInvalidationLog _log;
    private readonly ILogObserver _observer;
    private readonly BatchAppender _appends;
    private readonly InFlightRecords _sent = new();
    private readonly PushWatch _pushes;
    private readonly Lock _gate = new();
    private RedisSession? _up;
    private RedisSession? _asked;
    private bool _disposed;

    public RedisLogSession(RedisInvalidationLog log, ILogObserver observer)
    {
        _log = log;
        _observer = observer;
        _pushes = new PushWatch(log.Hub.TimeProvider);
        StreamLength = new StreamLength(log.Settings);
        _appends = new BatchAppender(log, OpenSession, StreamLength, _sent);
    }

    /// <summary>Name of the node in the log. Random, because the name must differ from every other name ever used.</summary>
    public string Node { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

    /// <summary>Maximum length of the stream.</summary>
    public StreamLength StreamLength { get; }

    /// <summary>
    /// Link over which the log has reported its position, or null. Before this report, only a tail and the calls that a tail requires may use a link,
    /// because the server may have changed in between.
    /// </summary>
    public RedisSession? Link => Volatile.Read(ref _asked) is { IsOpen: true } link ? link : null;

    /// <summary>Server clock as of the latest tail reply; null before the first.</summary>
    public ServerClock? ServerClock
    {
        get => Volatile.Read(ref field);
        private set => Volatile.Write(ref field, value);
    }

    public int MaximumBatchBytes => _appends.MaximumBytes;

    public ValueTask<AppendReply> AppendAsync(int partition, ReadOnlyMemory<InvalidationRecord> records, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!cancellationToken.CanBeCanceled)
            return _log.Appended is null ? _appends.AppendAsync(records) : AppendAndNotifyAsync(records);

        // A cancelled wait ends before the call, and the caller may then reuse the memory.
        return new(AppendAndNotifyAsync(records.ToArray()).AsTask().WaitAsync(cancellationToken));
    }

    public async ValueTask<TailReply> TailAsync(TailRequest request, CancellationToken cancellationToken)
    {
        if (_log.Partitions.HasAgreed(_log.Partition))
        {
            CheckOthers(); // one that has not agreed is asked at any time: a number that was refused is forgotten when its history is gone
        }

        var link = Up();
        var asked = _log.Hub.TimeProvider.GetTimestamp();
        try
        {
            using var command = TailCommand(link, request);
            var answer = await _log.Scripts.CallAsync(RedisScripts.Tail, link.Control, command, _log.Scripts.Run(link), cancellationToken).ConfigureAwait(false);
            return Parse(link, answer, asked);
        }
        catch (CallException why) when (why is CallTimeoutException or UnexpectedReplyException)
        {
            if (why is UnexpectedReplyException)
                await TryRepairAsync(link, cancellationToken).ConfigureAwait(false);

            // Further replies on this connection, if any arrive, are unreliable.
            link.Drop(why);
            throw;
        }
    }

    /// <summary>Repairs the keys. The script may have returned the contents of a key written by another program.</summary>
    private async ValueTask TryRepairAsync(RedisSession link, CancellationToken cancellationToken)
    {
        try
        {
            await _log.Scripts.RepairAsync(link.Control, _log.Scripts.Run(link), cache: null, key: null, cancellationToken).ConfigureAwait(false);
        }
        catch (CallException)
        {
            // The failure to report is the reply to the tail.
        }
    }

    public async ValueTask CreateGenerationAsync(int partition, Generation instead, CancellationToken cancellationToken)
    {
        await _log.Partitions.ConfirmedAsync(_log.Partition, _log.Settings.RequestTimeout, _log.Hub.TimeProvider, cancellationToken).ConfigureAwait(false);
        var link = Up();
        using var command = _log.Scripts.HistoryCommand(RedisScripts.Create, 0).Arg(_log.Scripts.Run(link)).Generation(_log.Generations.Next()).Generation(instead);
        await _log.Scripts.CallAsync(RedisScripts.Create, link.Control, command, _log.Scripts.Run(link), cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<LogMembers> MembersAsync(int partition, CancellationToken cancellationToken)
    {
        var link = OpenSession();
        using var command = _log.Scripts.Publishing(_log.Scripts.Command(RedisScripts.Members, 1), link);
        var answer = await _log.Scripts.CallAsync(RedisScripts.Members, link.Control, command, _log.Scripts.Run(link), cancellationToken).ConfigureAwait(false);
        return MembersFormat.Parse(answer);
    }

    public async ValueTask<RemovedValues> RemovedValuesAsync(LogPosition position, CancellationToken cancellationToken)
    {
        var link = OpenSession();
        using var command = RemovedValuesFormat.Write(RedisCall.Create("HMGET").Key(_log.Keys.Control));
        return RemovedValuesFormat.Parse(await link.Data.CallAsync(command, cancellationToken).ConfigureAwait(false), position);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return;

        var link = Link;
        _log.Closed(this);
        _log.Hub.Remove(this);
        if (link is not null)
            await LeaveAsync(link).ConfigureAwait(false);

        _log.Hub.CloseUnused(Key);
    }

    private async ValueTask<AppendReply> AppendAndNotifyAsync(ReadOnlyMemory<InvalidationRecord> records)
    {
        var reply = await _appends.AppendAsync(records).ConfigureAwait(false);
        for (var i = 0; i < records.Length; i++)
            _log.Appended?.Invoke(_log.Partition, records.Span[i]);

        return reply;
    }

    /// <summary>Removes this node from the log, so that no node waits for it. Otherwise other nodes wait as long as this node may have served.</summary>
    private async ValueTask LeaveAsync(RedisSession link)
    {
        using var command = RedisCall.Create("HDEL").Key(_log.Keys.Control).Arg("node:" + Node);
        try
        {
            await link.Control.CallAsync(command, _log.Settings.RequestTimeout).ConfigureAwait(false);
        }
        catch (CallException)
        {
            // The server is unavailable. The effect is the same as that of a crash of this process.
        }
    }

    private RedisCall TailCommand(RedisSession link, in TailRequest request) =>
        TailKeys(_log.Scripts.Command(RedisScripts.Tail, 6)).Arg(_log.Scripts.Run(link))
            .Generation(request.Generation).Arg(request.Cursor).Id(request.IdAtCursor).Arg(request.OwnSequence).Id(request.OwnId)
            .Arg(Node).Arg(link.Number).Arg((long)request.ServesFor.TotalMilliseconds)
            .Arg(_log.Settings.PageSize).Arg(_log.Settings.MostBehind).Arg(request.Confirms ? 1 : 0);

    private RedisCall TailKeys(RedisCall command)
    {
        var keys = _log.Keys;
        return command.Key(keys.Tags0).Key(keys.Tags1).Key(keys.Log).Key(keys.Versions0).Key(keys.Versions1);
    }

    private TailReply Parse(RedisSession link, RedisReply answer, long asked)
    {
        if (answer is { IsAggregate: true, Items: [var kind, var stored] } && kind.Is("partitions"u8))
        {
            Retract();
            throw _log.Refuse(LogEncoding.TryNumber(stored.Bytes, out var number) ? (int)number : -1);
        }

        var isWhole = true;
        if (TailFormat.Parse(answer, ref isWhole) is not var (reply, selectors, clock))
            throw Errors.Superseded(_log.Name);

        if (!isWhole)
            _log.LogRecordUnreadable();

        if (clock is { } time)
            ServerClock = new ServerClock(time, asked, _log.Hub.TimeProvider);

        if (reply.Generation == Generation.None)
        {
            _log.Partitions.Gone(_log.Partition);
        }
        else
        {
            _log.Partitions.Agreed(_log.Partition);
        }

        CheckOthers();
        _log.Generations.Met(reply.Generation);
        if (reply.State != TailState.Broken)
        {
            lock (_gate)
                _asked = _up == link ? link : _asked;
        }

        _log.Listed(this, link, reply.Generation, selectors);
        if (_pushes.IsOverdue(reply.Sequence))
            link.Drop(Errors.PushesStopped(_log.Name));

        return reply;
    }

    /// <exception cref="NoConnectionException">The server holds another partition in another number of partitions.</exception>
    private void CheckOthers()
    {
        try
        {
            _log.Partitions.Check(_log.Partition);
        }
        catch (NoConnectionException)
        {
            Retract();
            throw;
        }
    }

    /// <summary>No record and no value goes over the link until a tail is answered over it again.</summary>
    private void Retract()
    {
        lock (_gate)
            _asked = null;
    }

    private RedisSession Up() =>
        Volatile.Read(ref _up) is { IsOpen: true } link ? link : throw Errors.NotConnected(_log.Hub.EndPoint, _log.Hub.FailureOf(Key));

    private RedisSession OpenSession()
    {
        var up = Up();
        return Link is { } link && link == up ? link : throw Errors.PositionNotRead(_log.Hub.EndPoint);
    }
}
