using Unstale.Boundary;
using Unstale.Horizon;
using Unstale.Log;

namespace Unstale.Node;

/// <summary>
/// Raises invalidations once more after a delay, and those due at about the same time together. The number of due times is limited. Above the limit a
/// repeat joins a later one or the last, so it may be late but is never left out.
/// </summary>
internal sealed class Repeats : IDisposable
{
    private const int MostTimes = 256;

    /// <summary>
    /// Fraction (1/32) of the delay by which a repeat may be late, but at least <see cref="LeastSlack"/> milliseconds, so that others may join the
    /// repeat.
    /// </summary>
    private const int Part = 32;
    private const long LeastSlack = 10;

    private readonly Lock _gate = new();
    private readonly List<(long Due, Batch Batch)> _waiting = [];
    private readonly MonotonicClock _clock;
    private readonly Func<Invalidation, ValueTask<Operation>> _raise;
    private readonly Action<Exception, int> _failed;
    private readonly ITimer _timer;
    private bool _isClosed;

    public Repeats(MonotonicClock clock, Func<Invalidation, ValueTask<Operation>> raise, Action<Exception, int> failed)
    {
        _clock = clock;
        _raise = raise;
        _failed = failed;
        _timer = clock.CreateTimer(static repeats => ((Repeats)repeats!).RaiseDue(), this);
    }

    /// <summary>Adds a repeat. After disposal the invalidation is raised at once.</summary>
    public void Add(Invalidation invalidation, TimeSpan after)
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                var lag = (long)Math.Ceiling(after.TotalMilliseconds);
                var due = _clock.Now + lag;
                BatchOf_NeedsLock(due, due + Math.Max(lag / Part, LeastSlack)).Add(invalidation);
                return;
            }
        }

        _ = WithoutExecutionContext.Start((Repeats: this, invalidation), static s => s.Repeats.RaiseAsync(s.invalidation));
    }

    /// <summary>Raises all waiting repeats now: an early repeat is better than none.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isClosed)
                return;
            _isClosed = true;
        }

        _timer.Dispose();
        RaiseDue();
    }

    private Batch BatchOf_NeedsLock(long due, long latest)
    {
        var at = _waiting.FindIndex(one => one.Due >= due);
        if (at >= 0 && _waiting[at].Due <= latest)
            return _waiting[at].Batch;
        if (_waiting.Count >= MostTimes)
        {
            at = at < 0 ? _waiting.Count - 1 : at;
            _waiting[at] = (Math.Max(_waiting[at].Due, due), _waiting[at].Batch);
            return _waiting[at].Batch;
        }

        var batch = new Batch();
        at = at < 0 ? _waiting.Count : at;
        _waiting.Insert(at, (latest, batch));
        if (at == 0)
            Arm_NeedsLock();
        return batch;
    }

    private void RaiseDue()
    {
        List<Batch> due;
        lock (_gate)
        {
            var now = _clock.Now;
            due = [.. _waiting.TakeWhile(one => _isClosed || one.Due <= now).Select(static one => one.Batch)];
            _waiting.RemoveRange(0, due.Count);
            if (!_isClosed)
                Arm_NeedsLock();
        }

        foreach (var batch in due)
            _ = WithoutExecutionContext.Start((Repeats: this, batch), static s => s.Repeats.RaiseAsync(s.batch.ToInvalidation()));
    }

    private void Arm_NeedsLock()
    {
        if (_waiting.Count > 0)
            _timer.Change(TimeSpan.FromMilliseconds(Math.Max(0, _waiting[0].Due - _clock.Now)), Timeout.InfiniteTimeSpan);
    }

    private async Task RaiseAsync(Invalidation invalidation)
    {
        try
        {
            await _raise(invalidation).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _failed(exception, invalidation.Targets.Length);
        }
    }
}
