using Unstale.Boundary;
using Unstale.Log;

namespace Unstale.Redis.Channel;

/// <summary>
/// Hands patterns of services on to the log no faster than they are swept there: the log turns more than 64 that are not swept into
/// everything, whoever raised them. What is too fast waits, for each service by itself.
/// </summary>
internal sealed class PatternQueue : IAsyncDisposable
{
    // Half of what the log lists: the application raises patterns of its own.
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

    /// <param name="names">What services may name.</param>
    /// <param name="options">How many may wait, and how many go on in a second.</param>
    /// <param name="listed">How many patterns the log listed when it was looked at last, and how often it was.</param>
    /// <param name="send">Takes a pattern to the log; waits for room.</param>
    /// <param name="time">Measures rates.</param>
    public PatternQueue(
        AcceptedNames names, ChannelBridgeOptions options, Func<(int Count, long Reports)> listed,
        Func<InvalidationTarget, WaitingPattern, CancellationToken, ValueTask> send, TimeProvider time)
    {
        (_names, _options, _listed, _send, _time) = (names, options, listed, send, GuardedTime.Over(time));
        _run = WithoutExecutionContext.Run(RunAsync);
    }

    /// <summary>Adds patterns of a service; does not wait.</summary>
    /// <returns>False when they, or those that waited, became prefixes.</returns>
    public bool Add(string service, ReadOnlySpan<InvalidationTarget> patterns, string message, string reason)
    {
        var fits = true;
        lock (_gate)
        {
            var turn = Turn_NeedsLock(_names.QueueOf(service));
            foreach (ref readonly var pattern in patterns)
            {
                fits &= turn.Waiting.Add(pattern, new(message, service, reason, _time.GetTimestamp()));
            }

            if (_added.CurrentCount == 0)
            {
                _added.Release();
            }
        }

        return fits;
    }

    /// <summary>Hands on what waits, whatever its rate: the process ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _ = await GuardedCancellation.CancelAsync(_stop).ConfigureAwait(false);
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
        {
            CollapseAll_NeedsLock();
        }

        using var limit = new CancellationTokenSource(LongestWait, _time);
        while (_collapsed.TryDequeue(out var last) && !limit.IsCancellationRequested)
        {
            await _send(last.Target, last.Pattern, limit.Token).ConfigureAwait(false);
        }

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

            // Without anything that waits there is no timer.
            await (Waits() ? Task.Delay(Pause, _time, stop) : _added.WaitAsync(stop)).ConfigureAwait(false);
        }
    }

    /// <summary>What was taken and finds no room before the end goes on with the rest.</summary>
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
        {
            return _services.Values.Any(static turn => turn.Waiting.Count > 0);
        }
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
            {
                return null;
            }

            turn.Take();
            _sent.Now++;
            return (target, pattern);
        }
    }

    /// <summary>Nobody sweeps, or too many services are too fast for too long: prefixes go on now and then, so that nothing waits for ever.</summary>
    private bool IsOverdue_NeedsLock(long now) =>
        _services.Values.Min(static turn => turn.Waiting.Since) is { } since && _time.GetElapsedTime(since, now) > LongestWait
        && (_collapsedAt is not { } last || _time.GetElapsedTime(last, now) > LongestWait);

    /// <summary>An answer that was under way while a pattern was sent does not count it, so the one after it is waited for.</summary>
    private bool HasRoom_NeedsLock()
    {
        var (count, reports) = _listed();
        if (reports != _sent.Report)
        {
            _sent = (reports, 0, _sent.Now);
        }

        return count + _sent.Now + _sent.Before < MostListed;
    }

    /// <summary>The prefixes of all services together are few: those of the lists, or what all have in common.</summary>
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

    /// <summary>Names are free to invent: beyond a number of them all further ones share a turn, and those with nothing to wait for make room.</summary>
    private ServiceTurn Turn_NeedsLock(string service)
    {
        if (_services.TryGetValue(service, out var turn))
        {
            return turn;
        }

        if (_services.Count >= MostServices)
        {
            var now = _time.GetTimestamp();
            foreach (var (name, _) in _services.Where(one => one.Value.Waiting.Count == 0 && one.Value.IsFull(now, _time, _options.PatternsPerSecond)).ToList())
            {
                _services.Remove(name);
            }
        }

        service = _services.Count < MostServices ? service : "";
        if (!_services.TryGetValue(service, out turn))
        {
            _services.Add(service, turn = new(new WaitingPatterns(service, _names, _options.PatternCapacity), _options.PatternsPerSecond));
        }

        return turn;
    }

    /// <summary>A service: what waits, and how many may go on at once.</summary>
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
