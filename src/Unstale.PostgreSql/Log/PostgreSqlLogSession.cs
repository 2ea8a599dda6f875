using System.Security.Cryptography;
using Unstale.Log;
using Unstale.PostgreSql.Connection;

namespace Unstale.PostgreSql.Log;

/// <summary>Session of one node with a log in PostgreSQL.</summary>
internal sealed class PostgreSqlLogSession : ILogSession, ILinkListener
{
    private readonly PostgreSqlLog _log;
    private readonly ILogObserver _observer;
    private readonly LogStatements _statements;
    private readonly DatabaseLink _link;
    private readonly PushLoop _pushes;
    private readonly AppendNotifier _notifier;
    private readonly LogTrimmer _trimmer;

    /// <summary>Held during calls of the observer, which must be made one at a time.</summary>
    private readonly Lock _observing = new();
    private CallConnection? _up;
    private CallConnection? _tailed;
    private bool _isDisposed;

    public PostgreSqlLogSession(PostgreSqlLog log, ILogObserver observer)
    {
        (_log, _observer) = (log, observer);
        _statements = new LogStatements(log.Settings.Schema, log.Name);
        _link = new DatabaseLink(log.Source, log.LinkSettings, this, log.Time, log.Logger);
        _pushes = new PushLoop(this, _statements, log.Settings, log.Time);
        _notifier = new AppendNotifier(() => Tailed, _statements, log.Time);
        _trimmer = new LogTrimmer(() => Tailed, _statements, log.Settings.LogLength);
    }

    /// <summary>Name of the node in the log. Random, because the name must differ from every other name ever used.</summary>
    public string Node { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

    /// <summary>Position up to which the node has received the records.</summary>
    public PushCursor Cursor { get; } = new();

    /// <summary>
    /// Connection over which the log has reported its position, or null. Before this report, only a tail and the start of a history may use a connection,
    /// because the server may have changed in between.
    /// </summary>
    public CallConnection? Tailed => Volatile.Read(ref _tailed) is { IsOpen: true } connection ? connection : null;

    public void Start()
    {
        _link.Start();
        _pushes.Start();
    }

    public ValueTask<AppendReply> AppendAsync(int partition, ReadOnlyMemory<InvalidationRecord> records, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var connection = Required();

        // The records are written before the first wait: a cancelled wait ends before the call, and the caller may then reuse the memory.
        var first = records.Span[0];
        var (command, read) = first.Version is { } version
            ? (_statements.Append(first, version), (Func<Npgsql.NpgsqlDataReader, CancellationToken, Task<AppendReply?>>)LogReplies.AppendVersionAsync)
            : (_statements.Append(records.Span), LogReplies.AppendAsync);
        var call = AppendAsync(connection, connection.CallAsync(command, read), records.Length);
        return new(cancellationToken.CanBeCanceled ? call.WaitAsync(cancellationToken) : call);
    }

    public async ValueTask<TailReply> TailAsync(TailRequest request, CancellationToken cancellationToken)
    {
        var connection = Up();
        var command = _statements.Tail(request, Node, _log.Settings.PageSize, _log.Settings.MostBehind);
        var reply = await connection.CallAsync(command, (rows, limit) => LogReplies.TailAsync(rows, Unreadable, limit)).WaitAsync(cancellationToken).ConfigureAwait(false);
        _log.Generations.Met(reply.Generation);
        lock (_observing)
        {
            if (_up != connection)
                throw Errors.Disconnected(_log.LinkSettings.Place);
            Cursor.Tailed(reply);
            if (reply.State == TailState.Broken)
                return reply;
            Volatile.Write(ref _tailed, connection);
        }

        _pushes.Wake();
        return reply;
    }

    public async ValueTask CreateGenerationAsync(int partition, Generation instead, CancellationToken cancellationToken)
    {
        var generation = _log.Generations.Next();
        await Up().RunAsync(_statements.Begin(instead, generation)).WaitAsync(cancellationToken).ConfigureAwait(false);
        _trimmer.Begin(generation);
    }

    public async ValueTask<LogMembers> MembersAsync(int partition, CancellationToken cancellationToken) =>
        await Required().CallAsync(_statements.Members(), LogReplies.MembersAsync).WaitAsync(cancellationToken).ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        CallConnection? last;
        lock (_observing)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            last = Tailed;
        }

        _log.Closed(this);
        if (last is not null)
            await LeaveAsync(last).ConfigureAwait(false);
        await _pushes.DisposeAsync().ConfigureAwait(false);
        await _link.DisposeAsync().ConfigureAwait(false);
    }

    void ILinkListener.LinkUp(CallConnection connection)
    {
        lock (_observing)
        {
            Volatile.Write(ref _up, connection);
            if (!_isDisposed)
                _observer.Connected();
        }
    }

    void ILinkListener.LinkDown()
    {
        lock (_observing)
        {
            Volatile.Write(ref _up, null);
            Volatile.Write(ref _tailed, null);
            if (!_isDisposed)
                _observer.Disconnected();
        }
    }

    void ILinkListener.Listening() => _pushes.Wake();

    void ILinkListener.Notified(string payload, int processId)
    {
        if (!_statements.IsOfLog(payload))
            return;
        if (payload[0] == LogStatements.Confirm)
            Missed();
        else if (processId != Volatile.Read(ref _up)?.ProcessId)
            _pushes.Wake();
    }

    /// <summary>Requests a tail from the node.</summary>
    public void Missed()
    {
        lock (_observing)
        {
            if (!_isDisposed)
                _observer.Missed(0);
        }
    }

    /// <summary>Pushes the records that directly follow those which the node has received.</summary>
    public void Push(CallConnection connection, Generation generation, List<LoggedRecord> records)
    {
        lock (_observing)
        {
            foreach (var record in records)
            {
                if (_isDisposed || _tailed != connection)
                    return;
                if (Cursor.TryAdvance(generation, record.Sequence))
                    _observer.Pushed(0, generation, record);
            }

            // The log no longer has the records in between: the node finds out with its tail.
            if (!_isDisposed && records.Count > 0 && Cursor.Position is var (current, sequence) && current == generation && records[^1].Sequence > sequence)
                _observer.Missed(0);
        }
    }

    /// <summary>Logs the first record of an unknown format.</summary>
    public void Unreadable() => _log.LogRecordUnreadable();

    private async Task<AppendReply> AppendAsync(CallConnection connection, Task<AppendReply?> call, int count)
    {
        if (await call.ConfigureAwait(false) is not { } reply)
        {
            Missed();
            throw Errors.HistoryBroken(_log.Name);
        }

        if (reply.Version == VersionState.Superseded)
            return reply;
        if (connection == Tailed)
            Cursor.Appended(reply.Generation, reply.Sequence, count);
        _notifier.Appended();
        _trimmer.Appended(reply.Generation, count);
        return reply;
    }

    /// <summary>Removes this node from the log, so that no node waits for it. Otherwise other nodes wait as long as this node may have served.</summary>
    private async Task LeaveAsync(CallConnection connection)
    {
        try
        {
            await connection.RunAsync(_statements.Leave(Node)).ConfigureAwait(false);
        }
        catch (DatabaseException)
        {
            // The server is unavailable. The effect is the same as that of a crash of this process.
        }
    }

    private CallConnection Up() =>
        Volatile.Read(ref _up) is { IsOpen: true } connection ? connection : throw Errors.NotConnected(_log.LinkSettings.Place, _link.Failure);

    /// <summary>Returns the connection if the position of the log has been read over it.</summary>
    private CallConnection Required()
    {
        var up = Up();
        return Tailed == up ? up : throw Errors.PositionNotRead(_log.LinkSettings.Place);
    }
}
