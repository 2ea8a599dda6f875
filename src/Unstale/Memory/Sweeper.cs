using Unstale.Horizon;
using Unstale.Values;

namespace Unstale.Memory;

/// <summary>
/// Reclaims the memory of invalidated entries soon, and of expired entries from time to time. Passes are coalesced: at most one per 100 ms, and at
/// most about a tenth of one core.
/// </summary>
internal sealed class Sweeper : IAsyncDisposable
{
    private const long SoonestPass = 100;
    private const long ExpiryPass = 30_000;
    private const int RestPerWork = 9;

    /// <summary>Maximum rest after a pass of any length, in milliseconds. A process suspended during a pass must not rest for days.</summary>
    private const long LongestRest = 300_000;

    private readonly PartitionHorizon _horizon;
    private readonly MonotonicClock _clock;
    private readonly ITimer _timer;
    private ILocalStore[] _stores = [];
    private long _notBefore;
    private int _scheduled;
    private int _running;

    public Sweeper(PartitionHorizon horizon, MonotonicClock clock)
    {
        _horizon = horizon;
        _clock = clock;
        _timer = clock.CreateTimer(static s => ((Sweeper)s!).Pass(), this);
        _timer.Change(Milliseconds(ExpiryPass), Timeout.InfiniteTimeSpan);
    }

    public void Add(ILocalStore member) => Exchange(members => [.. members, member]);

    public void Remove(ILocalStore member) => Exchange(members => [.. members.Where(m => m != member)]);

    /// <summary>Schedules a pass soon after a mark.</summary>
    public void Wake()
    {
        if (Volatile.Read(ref _scheduled) == 1 || Interlocked.Exchange(ref _scheduled, 1) == 1)
            return;
        if (Volatile.Read(ref _running) == 0) // a running pass checks at its end
            ScheduleSoon();
    }

    /// <summary>Releases callers that still wait for a pass. No pass follows, because nothing is left to reclaim.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        SweepQueue batch;
        lock (_horizon.Gate)
            batch = _horizon.DequeueSweeps();
        batch.Finish();
    }

    private void Pass()
    {
        var began = _clock.Now;
        Volatile.Write(ref _running, 1);

        // Cleared before the marks are detached: a later mark schedules the next pass.
        Volatile.Write(ref _scheduled, 0);
        try
        {
            Sweep(began);
        }
        finally
        {
            Rest(began);
        }
    }

    private void Sweep(long began)
    {
        SweepQueue batch;
        lock (_horizon.Gate)
            batch = _horizon.DequeueSweeps();
        try
        {
            foreach (var store in Volatile.Read(ref _stores))
                store.Sweep(batch, began);
        }
        finally
        {
            batch.Finish(); // callers that wait for the count are released in any case
        }

        lock (_horizon.Gate)
            _horizon.DropOldSelectors(began);
        RegexAutomata.Shared.Trim();
    }

    private void Rest(long began)
    {
        var ended = _clock.Now;
        Volatile.Write(ref _notBefore, ended + Math.Min((ended - began) * RestPerWork, LongestRest));
        _timer.Change(Milliseconds(ExpiryPass), Timeout.InfiniteTimeSpan);

        // Read last, so that a mark made meanwhile does not wait for the distant pass.
        Interlocked.Exchange(ref _running, 0);
        if (Volatile.Read(ref _scheduled) == 1)
            ScheduleSoon();
    }

    private void ScheduleSoon()
    {
        var wait = Math.Max(SoonestPass, Volatile.Read(ref _notBefore) - _clock.Now);
        _timer.Change(Milliseconds(wait), Timeout.InfiniteTimeSpan);
    }

    private void Exchange(Func<ILocalStore[], ILocalStore[]> change)
    {
        lock (_horizon.Gate)
            Volatile.Write(ref _stores, change(_stores));
    }

    private static TimeSpan Milliseconds(long time) => TimeSpan.FromMilliseconds(time);
}
