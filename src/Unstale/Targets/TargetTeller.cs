using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Log;
using Unstale.Telemetry;

namespace Unstale.Targets;

/// <summary>
/// Tells one target what its log says, in order and away from the log. A call that fails is made again until it succeeds; after a few
/// attempts with "everything" in place of all that waits, so that one record which the target cannot take does not end it.
/// </summary>
internal sealed class TargetTeller : IRecordListener, IAsyncDisposable
{
    private const int AttemptsOfOne = 5;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly TargetIdentity _identity;
    private readonly Func<ICacheTarget> _find;
    private readonly TargetOptions _options;
    private readonly TargetQueue _queue;
    private readonly TimeSpan _shutdownLimit;
    private readonly GuardedTime _time;
    private readonly GuardedLogger _logger;
    private readonly TargetMetrics _metrics;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationToken _stopped;
    private readonly TaskCompletionSource _ending = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ICacheTarget? _target;
    private TargetAbilities _abilities;
    private bool _saidMissed;
    private int _saidLost;
    private bool _isFailing;
    private volatile bool _isGivenUp;
    private int _disposed;

    /// <summary>The node has found its place. Changed under the horizon's lock.</summary>
    private bool _hasStarted;

    /// <param name="identity">Whose target it is.</param>
    /// <param name="find">Gives the target. Asked when there is something to tell or the host starts, not before: the target may need the cache.</param>
    /// <param name="options">The options.</param>
    /// <param name="shutdownLimit">How long its end waits for the target.</param>
    /// <param name="time">Measures pauses and limit.</param>
    /// <param name="logger">Hears of outages.</param>
    /// <param name="metrics">Counts.</param>
    public TargetTeller(
        TargetIdentity identity, Func<ICacheTarget> find, TargetOptions options, TimeSpan shutdownLimit, GuardedTime time, GuardedLogger logger, TargetMetrics metrics)
    {
        (_identity, _find, _options, _shutdownLimit, _time, _logger, _metrics) = (identity, find, options, shutdownLimit, time, logger, metrics);
        _queue = new TargetQueue(options.QueueCapacity);
        _stopped = _stop.Token;
        metrics.Follow(() => _queue.Count);
    }

    public void Passed(in LogPosition position, InvalidationRecord record)
    {
        _hasStarted = true;
        if (_queue.Add(position, record))
            Begin();
    }

    public void Skipped(in LogPosition position)
    {
        var isStart = !_hasStarted;
        _hasStarted = true;
        if (isStart && !_options.EverythingAtStart)
            return;
        if (_queue.AddEverything(position))
            Begin();
    }

    /// <summary>Finds the target, and refuses one that cannot be kept true.</summary>
    /// <exception cref="InvalidOperationException">It lacks "everything", and nobody accepts that.</exception>
    public ICacheTarget Find()
    {
        if (Volatile.Read(ref _target) is { } known)
            return known;
        var target = _find();
        var abilities = target.Abilities;
        if (!_options.AcceptsPartial && !Has(abilities, TargetAbilities.Everything))
            throw Errors.PartialTarget(_identity.Name, _identity.Cache, abilities);
        _abilities = abilities; // before the target can be seen
        return Interlocked.CompareExchange(ref _target, target, null) ?? target; // the start and the first record may look for it at once
    }

    /// <summary>
    /// Waits until the target has been told all that waits, no longer than the limit. Once that was in vain nobody waits again.
    /// </summary>
    public async Task DrainAsync()
    {
        _ending.TrySetResult();
        if (_isGivenUp)
            return;
        var idle = _queue.Idle;
        await idle.WaitAsync(_shutdownLimit, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _isGivenUp = !idle.IsCompleted;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await DrainAsync().ConfigureAwait(false);
        if (!_queue.Idle.IsCompleted)
            SayLost();
        _ = await GuardedCancellation.CancelAsync(_stop).ConfigureAwait(false);
        _stop.Dispose();
        _metrics.Dispose();
    }

    /// <summary>Under the horizon's lock: only says that there is work. Nothing of the flow that invalidates reaches the target.</summary>
    private void Begin() => ThreadPool.UnsafeQueueUserWorkItem(static teller => _ = teller.RunAsync(), this, preferLocal: false);

    private async Task RunAsync()
    {
        while (_queue.TryTake(CanEverything, out var waiting))
        {
            for (var attempt = 1; !await TryTellAsync(waiting).ConfigureAwait(false); attempt++)
            {
                if (!await PauseAsync(attempt).ConfigureAwait(false))
                    return;
                if (attempt >= AttemptsOfOne && CanEverything)
                    waiting = _queue.Collapse();
            }
        }
    }

    /// <summary>As long as the target is not known, what waits is kept if it may be one that cannot be told everything.</summary>
    private bool CanEverything => !_options.AcceptsPartial || (Volatile.Read(ref _target) is not null && Has(_abilities, TargetAbilities.Everything));

    private async Task<bool> TryTellAsync(TargetQueue.Waiting waiting)
    {
        var failure = await UserCode.CallAsync(CallOut.Target, (Teller: this, waiting), static s => s.Teller.TellAsync(s.waiting)).ConfigureAwait(false);
        if (failure is null)
        {
            Succeeded();
            return true;
        }

        if (failure is ObjectDisposedException && Volatile.Read(ref _disposed) != 0)
        {
            if (_target is null)
                SayLost();
            return true; // disposed with the services: it holds nothing any more
        }

        if (!_stopped.IsCancellationRequested)
            Failed(failure);
        return false;
    }

    private async ValueTask TellAsync(TargetQueue.Waiting waiting)
    {
        var target = Find();
        var words = new Broadening(_abilities);
        var invalidation = waiting.Record is { } record ? words.Of(waiting.Position, record) : words.Everything(waiting.Position);
        if (invalidation is not null)
            await target.InvalidateAsync(invalidation, _stopped).ConfigureAwait(false);
        Count(waiting, words, _abilities);
    }

    private void Count(in TargetQueue.Waiting waiting, Broadening words, TargetAbilities abilities)
    {
        _metrics.Told(isRecord: waiting.Record is not null, words.Widened, words.Missed);
        if (words.Missed == 0 || _saidMissed)
            return;
        _saidMissed = true;
        _logger.TargetMissed(_identity.Log, _identity.Name, abilities);
    }

    private void SayLost()
    {
        if (Interlocked.Exchange(ref _saidLost, 1) == 0)
            _logger.TargetLost(_identity.Log, _identity.Name, _queue.Count + 1, _shutdownLimit); // and the one that is being told
    }

    private void Failed(Exception exception)
    {
        _metrics.Failed();
        if (_isFailing)
            return;
        _isFailing = true;
        _logger.TargetFailed(exception, _identity.Log, _identity.Name);
    }

    private void Succeeded()
    {
        if (!_isFailing)
            return;
        _isFailing = false;
        _logger.TargetRecovered(_identity.Log, _identity.Name);
    }

    /// <summary>False once nobody waits for the target any longer. An end that is about to come cuts it short, once.</summary>
    private async Task<bool> PauseAsync(int attempt)
    {
        var isEnding = _ending.Task.IsCompleted;
        var pause = isEnding ? FirstPause : PauseAfter(attempt);
        var wait = isEnding ? Task.Delay(pause, _time, _stopped) : _ending.Task.WaitAsync(pause, _time, _stopped);
        await wait.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !_stopped.IsCancellationRequested;
    }

    private static TimeSpan PauseAfter(int attempt) =>
        attempt > 8 ? LongestPause : FirstPause * (1 << attempt - 1);

    private static bool Has(TargetAbilities abilities, TargetAbilities ability) => (abilities & ability) != TargetAbilities.None;
}
