using Unstale.Boundary;
using Unstale.Log;

namespace Unstale.Redis.Channel;

/// <summary>
/// Passes the patterns of services on to the log no faster than the log sweeps patterns. The log replaces more than 64 unswept patterns of any origin by
/// everything. Patterns above that rate wait, separately for each service.
/// </summary>
internal sealed class PatternQueue : IAsyncDisposable
{
    // Half of the places in the log, because the application raises patterns of its own.
    private const int MostListed = 32;
    private const int MostServices = 64;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private readonly AcceptedNames _names;
    private readonly ChannelBridgeOptions _options;
    private readonly Func<(int Count, long Reports)> _listed;
    private readonly Func<InvalidationTarget, WaitingPattern, CancellationToken, ValueTask> _send;
    private readonly GuardedTime _time;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ServiceTurn> _services = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _added = new(0, 1);
    private readonly Task _run;
    private readonly Queue<(InvalidationTarget Target, WaitingPattern Pattern)> _collapsed = [];
    private (long Report, int Now, int Before) _sent;
    private long? _collapsedAt;

    /// <param name="names">Names that services may use.</param>
    /// <param name="options">Maximum number of waiting patterns, and of patterns per second.</param>
    /// <param name="listed">Number of patterns in the log at the last report, and number of reports so far.</param>
    /// <param name="send">Appends a pattern to the log. Waits for room.</param>
    /// <param name="time">Clock for rates.</param>
    public PatternQueue(
        AcceptedNames names, ChannelBridgeOptions options, Func<(int Count, long Reports)> listed,
        Func<InvalidationTarget, WaitingPattern, CancellationToken, ValueTask> send, TimeProvider time)
    {
        (_names, _options, _listed, _send, _time) = (names, options, listed, send, GuardedTime.Over(time));
        _run = WithoutExecutionContext.Run(RunAsync);
    }

    /// <summary>Adds patterns of a service. Does not wait.</summary>
    /// <returns>False if these patterns, or others that waited, were replaced by prefixes.</returns>
    public bool Add(string service, ReadOnlySpan<InvalidationTarget> patterns, string message, string reason)
    {
        var fits = true;
        lock (_gate)
        {
            var turn = Turn_NeedsLock(_names.QueueOf(service));
            foreach (ref readonly var pattern in patterns)
                fits &= turn.Waiting.Add(pattern, new(message, service, reason, _time.GetTimestamp()));

            if (_added.CurrentCount == 0)
                _added.Release();
        }

        return fits;
    }

    /// <summary>Passes on all waiting patterns regardless of the rate, because the process ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _ = await GuardedCancellation.CancelAsync(_stop).ConfigureAwait(false);
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
            CollapseAll_NeedsLock();

        using var limit = new CancellationTokenSource(LongestWait, _time);
        while (_collapsed.TryDequeue(out var last) && !limit.IsCancellationRequested)
            await _send(last.Target, last.Pattern, limit.Token).ConfigureAwait(false);

        _stop.Dispose();
        _added.Dispose();
    }

    private async Task RunAsync()
    {
        var stop = _stop.Token;
        while (!stop.IsCancellationRequested)
        {
            if (Next() is { } next)
            {
                await SendAsync(next, stop).ConfigureAwait(false);
                continue;
            }

            // No timer runs while no pattern waits.
            await (Waits() ? Task.Delay(Pause, _time, stop) : _added.WaitAsync(stop)).ConfigureAwait(false);
        }
    }

    /// <summary>Sends a pattern. A pattern without room before the end is passed on together with the remaining ones.</summary>
    private async ValueTask SendAsync((InvalidationTarget Target, WaitingPattern Pattern) next, CancellationToken stop)
    {
        try
        {
            await _send(next.Target, next.Pattern, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _collapsed.Enqueue(next);
            throw;
        }
    }

    private bool Waits()
    {
        lock (_gate)
            return _services.Values.Any(static turn => turn.Waiting.Count > 0);
    }

    private (InvalidationTarget Target, WaitingPattern Pattern)? Next()
    {
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            if (_collapsed.Count == 0 && IsOverdue_NeedsLock(now))
            {
                _collapsedAt = now;
                CollapseAll_NeedsLock();
            }

            if (_collapsed.TryDequeue(out var next))
            {
                _sent.Now++;
                return next;
            }

            var turn = HasRoom_NeedsLock()
                ? _services.Values.Where(turn => turn.Waiting.Count > 0 && turn.HasToken(now, _time, _options.PatternsPerSecond)).MinBy(static turn => turn.Waiting.Since)
                : null;
            if (turn is null || !turn.Waiting.TryTake(out var target, out var pattern))
                return null;

            turn.Take();
            _sent.Now++;
            return (target, pattern);
        }
    }

    /// <summary>
    /// Whether to send prefixes without waiting for room, because nobody sweeps or too many services have been too fast for too long. True only now and then,
    /// so that no pattern waits forever.
    /// </summary>
    private bool IsOverdue_NeedsLock(long now) =>
        _services.Values.Min(static turn => turn.Waiting.Since) is { } since && _time.GetElapsedTime(since, now) > LongestWait
        && (_collapsedAt is not { } last || _time.GetElapsedTime(last, now) > LongestWait);

    /// <summary>
    /// Whether the log has room for a pattern. A report already under way when a pattern was sent does not include that pattern, so the pattern is
    /// counted here for one more report.
    /// </summary>
    private bool HasRoom_NeedsLock()
    {
        var (count, reports) = _listed();
        if (reports != _sent.Report)
            _sent = (reports, 0, _sent.Now);

        return count + _sent.Now + _sent.Before < MostListed;
    }

    /// <summary>Replaces the waiting patterns of all services by few prefixes: the listed ones, or the common prefixes of all patterns.</summary>
    private void CollapseAll_NeedsLock()
    {
        var all = _services.Values.Where(static turn => turn.Waiting.Count > 0).SelectMany(static turn => turn.Waiting.TakeCollapsed()).DistinctBy(static one => one.Target).ToList();
        var prefixes = all.Where(static one => one.Pattern.Prefixes is not null).ToList();
        if (!_names.HasLists && prefixes.Count > WaitingPatterns.MostMerged)
        {
            var merged = PatternPrefixes.Merge(prefixes.SelectMany(static one => one.Pattern.Prefixes!), WaitingPatterns.MostMerged);
            all = [.. all.Where(static one => one.Pattern.Prefixes is null), .. merged.Select(one => (InvalidationTarget.ForPattern(one.Pattern), prefixes[0].Pattern with { Prefixes = one.Prefixes }))];
        }

        all.ForEach(_collapsed.Enqueue);
    }

    /// <summary>
    /// Returns the turn of a service. Anyone can invent names, so above a maximum number all further services share one turn. Turns without waiting patterns
    /// are removed to make room.
    /// </summary>
    private ServiceTurn Turn_NeedsLock(string service)
    {
        if (_services.TryGetValue(service, out var turn))
            return turn;

        if (_services.Count >= MostServices)
        {
            var now = _time.GetTimestamp();
            foreach (var (name, _) in _services.Where(one => one.Value.Waiting.Count == 0 && one.Value.IsFull(now, _time, _options.PatternsPerSecond)).ToList())
                _services.Remove(name);
        }

        service = _services.Count < MostServices ? service : "";
        if (!_services.TryGetValue(service, out turn))
            _services.Add(service, turn = new(new WaitingPatterns(service, _names, _options.PatternCapacity), _options.PatternsPerSecond));

        return turn;
    }

    /// <summary>Waiting patterns of a service, and the number of patterns that may be sent at once.</summary>
    private sealed class ServiceTurn(WaitingPatterns waiting, double tokens)
    {
        private double _tokens = tokens;
        private long? _refilled;

        public WaitingPatterns Waiting => waiting;

        public bool HasToken(long now, GuardedTime time, int perSecond)
        {
            _tokens = _refilled is { } last ? Math.Min(perSecond, _tokens + (time.GetElapsedTime(last, now).TotalSeconds * perSecond)) : _tokens;
            _refilled = now;
            return _tokens >= 1;
        }

        public bool IsFull(long now, GuardedTime time, int perSecond) => HasToken(now, time, perSecond) && _tokens >= perSecond;

        public void Take() => _tokens -= 1;
    }
}
