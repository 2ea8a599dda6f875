using Unstale.Log;

namespace Unstale.Tests.Remote;

/// <summary>
/// A shared log and second level in one, like one Redis server, with switches for faults. Each node is one <see cref="InMemoryClient"/>.
/// Without a fault every call completes before it returns, so that tests need no waits.
/// </summary>
internal sealed class InMemoryServer(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly ServerScripts _scripts = new(time);
    private readonly List<InMemorySession> _sessions = [];

    /// <summary>Data before each record, for a failover that loses the newest ones.</summary>
    private readonly List<ServerData> _before = [];
    private int _nodes;

    public ServerFaults Faults { get; } = new();

    public long Sequence => Read(d => d.Sequence);

    public Generation Generation => Read(d => d.Generation);

    public int LogLength
    {
        get => _scripts.LogLength;
        set => _scripts.LogLength = value;
    }

    public T Read<T>(Func<ServerData, T> read)
    {
        lock (_gate)
            return read(_scripts.Data);
    }

    /// <summary>Makes the log older than any late writer, so that no version is in doubt.</summary>
    public void KnowVersions() => Execute(() => _scripts.Data.VersionsSince = long.MinValue / 2);

    public IReadOnlyList<LoggedRecord> Records => Read(d => d.Log.ToArray());

    /// <summary>Replaces the server by one without the newest records. All connections are cut and reopened.</summary>
    public void FailOver(int loses)
    {
        Replace(() => GoBack(loses), newRun: true);
    }

    /// <summary>Forks the history: removes the newest records without a change of run id or generation.</summary>
    public void Fork(int loses) => Replace(() => GoBack(loses), newRun: false);

    /// <summary>Forks the history without any effect on the connections.</summary>
    public void ForkUnseen(int loses) => Execute(() => _scripts.Data = GoBack(loses));

    public void RestartWithoutData() => Replace(() => new ServerData(), newRun: true);

    /// <summary>Appends a record of a node outside the test.</summary>
    public AppendReply Append(InvalidationTarget target)
    {
        var record = new InvalidationRecord(Random.Shared.NextInt64(1, long.MaxValue), target, new RecordOrigin("elsewhere", "test"), time.GetUtcNow());
        var reply = Execute(() => Append(() => _scripts.Append(record)));
        Deliver();
        return reply;
    }

    internal int NewNode() => Interlocked.Increment(ref _nodes);

    internal void Add(InMemorySession session)
    {
        lock (_gate)
            _sessions.Add(session);
    }

    internal void Remove(InMemorySession session)
    {
        lock (_gate)
            _sessions.Remove(session);
    }

    /// <summary>Executes a script atomically.</summary>
    internal T Execute<T>(Func<T> script)
    {
        lock (_gate)
            return script();
    }

    internal ServerScripts Scripts => _scripts;

    /// <summary>Appends within the current step and queues the push in each session for <see cref="Deliver"/>.</summary>
    internal AppendReply Append(Func<LoggedRecord> append)
    {
        _before.Add(_scripts.Data.Copy());
        var logged = append();
        foreach (var session in _sessions)
            session.Push(_scripts.Data.Generation, logged);
        return new AppendReply(_scripts.Data.Generation, logged.Sequence, logged.PreviousId);
    }

    /// <summary>Number of requests for the list of nodes.</summary>
    public int Asked { get; private set; }

    /// <summary>Requests a confirmation from all sessions, and returns the nodes with their last confirmations.</summary>
    internal LogMembers Members()
    {
        Asked++;
        foreach (var session in _sessions)
            session.AskToConfirm();
        return new LogMembers(_scripts.Data.Generation, [.. _scripts.Data.Members.Values]);
    }

    /// <summary>Delivers queued pushes outside the lock, to each session in order.</summary>
    internal void Deliver()
    {
        InMemorySession[] sessions;
        lock (_gate)
            sessions = [.. _sessions];
        foreach (var session in sessions)
            session.Drain();
    }

    private ServerData GoBack(int loses)
    {
        var data = loses == 0 ? _scripts.Data : _before[^loses];
        _before.RemoveRange(_before.Count - loses, loses);
        return data;
    }

    private void Replace(Func<ServerData> data, bool newRun)
    {
        InMemorySession[] sessions;
        lock (_gate)
        {
            _scripts.Data = data();
            if (newRun)
                _scripts.Run = Guid.NewGuid();
            sessions = [.. _sessions];
        }

        foreach (var session in sessions)
            session.Cut();
        foreach (var session in sessions)
            session.Reconnect();
    }
}
