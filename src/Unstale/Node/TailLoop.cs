using Unstale.Boundary;
using Unstale.Horizon;
using Unstale.Log;
using Unstale.Values;

namespace Unstale.Node;

/// <summary>
/// Follows the log: requests the records missing on this node, one request at a time, and repeats failed requests after a pause. Creates the generation
/// that the horizon requests.
/// </summary>
/// <param name="horizon">Horizon that processes the replies.</param>
/// <param name="connection">Connection over which the requests are sent.</param>
/// <param name="clock">Clock of the requests and pauses.</param>
/// <param name="heartbeat">Maximum pause before a repetition.</param>
/// <param name="outage">Reports failed requests.</param>
/// <param name="changed">Set after a request without a reply.</param>
/// <param name="lags">Measures how late the records of the replies are.</param>
/// <param name="wake">Runs the work that the horizon requests after a reply. Also sets <paramref name="changed"/>.</param>
internal sealed class TailLoop(
    PartitionHorizon horizon, NodeConnection connection, MonotonicClock clock, TimeSpan heartbeat, OutageLog outage, AsyncSignal changed, LagMeter lags, Action wake)
    : IAsyncDisposable
{
    private RetryTimer? _retry;
    private ILogSession? _session;
    private int _isRunning;
    private int _again;

    /// <summary>Whether the next tail confirms the history. False if only clients' positions request the tail.</summary>
    private int _confirms;
    private long _failed;

    /// <summary>Number of the newest tail without a reply. Requires the horizon's lock.</summary>
    public long Failed => _failed;

    /// <summary>Generations of the replies. Requires the horizon's lock.</summary>
    public GenerationHistory Generations { get; } = new();

    /// <summary>Sends the first request. The log may report its first connection before this call; requests before are remembered.</summary>
    public void Start(ILogSession session)
    {
        _retry = new RetryTimer(clock, heartbeat, () => Request());
        Volatile.Write(ref _session, session);
        Request();
    }

    /// <summary>Requests the missing records from the log. During a pending request, one more follows.</summary>
    /// <param name="confirms">False for a tail requested only for a client's position.</param>
    public void Request(bool confirms = true)
    {
        if (confirms)
            Volatile.Write(ref _confirms, 1);
        Volatile.Write(ref _again, 1);
        if (Volatile.Read(ref _session) is not null && Interlocked.Exchange(ref _isRunning, 1) == 0)
            _ = WithoutExecutionContext.Start(this, static loop => loop.RunAsync()); // a log that never replies would retain the caller's context
    }

    /// <summary>Requests a tail after a pause, which grows with each failure.</summary>
    public void RequestLater() => _retry?.Failed();

    /// <summary>Cancels the scheduled repetition, because a new connection has opened, and requests a tail at once.</summary>
    public void Connected()
    {
        _retry?.Reset();
        Request();
    }

    /// <summary>Creates a generation of the log in place of the given one.</summary>
    public void Create(Generation instead) => _ = WithoutExecutionContext.Start((Loop: this, instead), static s => s.Loop.CreateAsync(s.instead));

    public ValueTask DisposeAsync() => _retry?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task RunAsync()
    {
        do
        {
            while (Interlocked.Exchange(ref _again, 0) == 1)
                await TailAsync().ConfigureAwait(false);
            Volatile.Write(ref _isRunning, 0);
        }
        while (Volatile.Read(ref _again) == 1 && Interlocked.Exchange(ref _isRunning, 1) == 0);
    }

    private async Task TailAsync()
    {
        if (connection.HasEnded)
            return;
        var sentOver = connection.Number;
        RequestSnapshot snapshot;
        TailRequest request;
        lock (horizon.Gate)
        {
            request = horizon.NextTail(Interlocked.Exchange(ref _confirms, 0) == 1);
            snapshot = horizon.Snapshot(clock.Now);
        }

        try
        {
            var reply = await _session!.TailAsync(request, CancellationToken.None).ConfigureAwait(false);
            if (sentOver == connection.Number)
                Process(reply, snapshot);
            else
                Unanswered(snapshot.Tails);
        }
        catch (Exception exception)
        {
            CannotFollow(exception);
            Unanswered(snapshot.Tails);
        }
    }

    private void Process(in TailReply reply, in RequestSnapshot snapshot)
    {
        bool isFollowed;
        long before, after;
        lock (horizon.Gate)
        {
            var now = clock.Now;
            before = horizon.Cursor;
            var wasTrusted = horizon.View.IsTrusted(now);
            horizon.Tailed(reply, snapshot);
            var generation = horizon.Position.Generation;
            Generations.NoteTail(generation, wasTrusted, now);
            isFollowed = generation != Generation.None;
            after = horizon.Cursor;
        }

        wake();
        foreach (var record in reply.Records)
            lags.Received(record, before, after);

        if (isFollowed)
            outage.Followed();
    }

    private void Unanswered(long number)
    {
        lock (horizon.Gate)
            _failed = number;
        changed.Set();
    }

    /// <summary>
    /// Reports a failed request and schedules a retry. Without a connection no request can succeed: the log reports the cause itself, and the next
    /// connection begins with a tail.
    /// </summary>
    private void CannotFollow(Exception exception)
    {
        if (!connection.IsOpen || connection.HasEnded)
            return;
        outage.TailFailed(exception);
        RequestLater();
    }

    private async Task CreateAsync(Generation instead)
    {
        if (connection.HasEnded)
            return;
        try
        {
            await _session!.CreateGenerationAsync(horizon.Partition, instead, CancellationToken.None).ConfigureAwait(false);
            Request();
        }
        catch (Exception exception)
        {
            CannotFollow(exception);
        }
    }
}
