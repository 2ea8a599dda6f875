using Unstale.Boundary;


namespace Unstale.Log;

/// <summary>
/// Log within one process: one generation for its lifetime, no I/O. Several nodes may open the log; each receives the records of the others, in
/// order, before the append returns.
/// </summary>
internal sealed class InProcessLog : IInvalidationLog
{
    private const int Kept = 1024;

    private readonly Lock _gate = new();
    private readonly (long PreviousId, IRecordSource Record)[] _recent = new (long, IRecordSource)[Kept];
    private readonly Generation _generation = Generation.Create();
    private readonly VersionCells _versions;
    private Session[] _sessions = [];
    private long _sequence;
    private long _lastId;

    /// <summary>Creates an empty log.</summary>
    /// <param name="name">Name of the log.</param>
    /// <param name="time">Clock by which versions of keys are forgotten. Default: the system's clock.</param>
    public InProcessLog(string name = "default", TimeProvider? time = null)
    {
        Name = name;
        _versions = new VersionCells(GuardedTime.Over(time ?? TimeProvider.System));
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public bool IsLocal => true;

    /// <inheritdoc/>
    public ILogSession Open(ILogObserver observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        var session = new Session(this, observer);
        lock (_gate)
            _sessions = [.. _sessions, session];
        observer.Connected();
        return session;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private AppendReply Append(Session from, ReadOnlySpan<InvalidationRecord> records)
    {
        lock (_gate) // one hold for the batch: its sequences are consecutive
        {
            var first = Append(from, records[0]);
            foreach (var record in records[1..])
                Append(from, record);
            return first;
        }
    }

    private AppendReply Append(Session from, InvalidationRecord record)
    {
        lock (_gate)
        {
            var version = VersionState.None;
            if (record.Version is { } reported && CheckVersion(record, reported, out version) is { } superseded)
                return superseded;
            if (record.Targets[0].Kind == TargetKind.Everything)
                _versions.Forget();
            var logged = new LoggedRecord(++_sequence, _lastId, record);
            _recent[logged.Sequence % Kept] = (logged.PreviousId, record);
            _lastId = record.Id;

            // Delivered under the lock, so that every observer receives the same order. An observer acquires only its own lock.
            foreach (var session in _sessions)
            {
                if (session != from)
                    session.Observer.Pushed(0, _generation, logged);
            }

            return new AppendReply(_generation, logged.Sequence, logged.PreviousId) { Version = version };
        }
    }

    private bool TryAppendNext(long after, long id, bool isEverything, IRecordSource record)
    {
        if (!_gate.TryEnter()) // a session that pushes waits for the locks of the others, one of which the caller may hold
            return false;
        try
        {
            if (_sequence != after || _sessions.Length != 1)
                return false;
            if (isEverything)
                _versions.Forget();
            _recent[++_sequence % Kept] = (_lastId, record);
            _lastId = id;
            return true;
        }
        finally
        {
            _gate.Exit();
        }
    }

    /// <summary>Records the version of a record to append. Returns a reply if the record must not be appended.</summary>
    private AppendReply? CheckVersion(InvalidationRecord record, KeyVersion reported, out VersionState state)
    {
        state = VersionState.None;
        var key = record.Targets[0].Text;
        var known = _versions.Get(reported.Cache, key);
        if (reported.HasValue && reported.Version <= known.Version)
            return new AppendReply(_generation, known.Sequence, 0) { Version = VersionState.Superseded, Newest = _sequence };
        state = _versions.IsSure(known) ? VersionState.Newest : VersionState.Unknown;
        _versions.Raise(reported.Cache, key, known, reported.Version, _sequence + 1);
        return null;
    }

    private TailReply Tail(TailRequest request)
    {
        lock (_gate)
        {
            if (request.Generation != _generation)
                return new TailReply(TailState.OtherGeneration, _generation, _sequence, _lastId, []);
            var records = new List<LoggedRecord>();
            for (var s = Math.Max(request.Cursor + 1, _sequence - Kept + 1); s <= _sequence; s++)
            {
                var (previousId, record) = _recent[s % Kept];
                records.Add(new LoggedRecord(s, previousId, record.ToRecord()));
            }

            return new TailReply(TailState.Records, _generation, _sequence, _lastId, records);
        }
    }

    private void Close(Session session)
    {
        lock (_gate)
        {
            _sessions = [.. _sessions.Where(s => s != session)];
            for (var i = 0; i < Kept; i++) // the log may outlive the node, which a source of a record may reference
                _recent[i].Record = _recent[i].Record?.ToRecord()!;
        }
    }

    private sealed class Session(InProcessLog log, ILogObserver observer) : ILogSession, ILocalSession
    {
        public ILogObserver Observer => observer;

        public AppendReply Append(InvalidationRecord record) => log.Append(this, record);

        public bool TryAppendNext(long after, long id, bool isEverything, IRecordSource record) => log.TryAppendNext(after, id, isEverything, record);

        public ValueTask<AppendReply> AppendAsync(int partition, ReadOnlyMemory<InvalidationRecord> records, CancellationToken cancellationToken) =>
            new(log.Append(this, records.Span));

        public ValueTask<TailReply> TailAsync(TailRequest request, CancellationToken cancellationToken) => new(log.Tail(request));

        public ValueTask CreateGenerationAsync(int partition, Generation instead, CancellationToken cancellationToken) => default;

        /// <summary>Returns no members: every session has applied a record before its append returns, so there is no node to wait for.</summary>
        public ValueTask<LogMembers> MembersAsync(int partition, CancellationToken cancellationToken) => new(new LogMembers(log._generation, []));

        public ValueTask DisposeAsync()
        {
            log.Close(this);
            return default;
        }
    }
}
