using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Unstale.Boundary;
using Unstale.Rules;
using Unstale.Values;

namespace Unstale.Telemetry;

/// <summary>Metrics of one cache. Everything except a hit is rare enough for an interlocked counter.</summary>
internal sealed partial class CacheMetrics : IDisposable
{
    private readonly string _name;
    private readonly bool _reportsTags;
    private readonly PerThreadCounter _hits = new();
    private long _staleServes;
    private long _untrustedServes;
    private long _failSafeServes;
    private long _misses;
    private long _uncacheable;
    private long _remoteHits;
    private long _remoteConfirmed;
    private long _remoteRefused;
    private long _joins;
    private long _loads;
    private long _untrustedLoads;
    private long _loadFailures;
    private long _loadsRefused;
    private long _invalidated;
    private long _evictedForSize;
    private long _evictedForAge;
    private long _changesWarned;
    private long _changesRefused;
    private long _removedDuringRead;
    private long _staleReported;
    private ImmutableArray<LoadLimitMetrics> _limits = [];

    /// <param name="meters">Factory of the meter. If null, this object owns the meter.</param>
    /// <param name="cacheName">Name of the cache, an attribute of every measurement.</param>
    /// <param name="held">Returns the number of entries and bytes in the cache.</param>
    /// <param name="reportsTags">Whether reads are also counted by tag.</param>
    /// <param name="logger">Logger for failed handlers of events.</param>
    public CacheMetrics(IMeterFactory? meters, string cacheName, Func<(long Entries, long Bytes)> held, bool reportsTags = false, GuardedLogger? logger = null)
    {
        Events = new CacheEventQueue(cacheName, logger ?? GuardedLogger.None) { Changed = UpdateReportsReads };
        _name = cacheName;
        _reportsTags = reportsTags;
        ReportsReads = reportsTags;
        _held = held;
        _cacheTag = new(Names.CacheName, cacheName);
        _meter = CreateMeter(meters);
        CreateInstruments();
        _loadDuration = _meter.CreateHistogram("unstale.load.duration", "Duration of factories.", Boundaries.Durations);
        _servedAge = _meter.CreateHistogram("unstale.cache.served.age", "Age of values served stale, untrusted, by the fail-safe, or from a load that had already begun.", Boundaries.Ages);
        _remoteDuration = _meter.CreateHistogram("unstale.cache.remote.duration", "Duration of calls of the second level, by operation.", Boundaries.Durations);
        _tagRequests = reportsTags ? _meter.CreateCounter("unstale.cache.tag.requests", "{request}", "Reads, by tag and by result in memory.") : default;
        CallOutMetrics.Publish();
        PatternMetrics.Publish();
    }

    public void Hit() => _hits.Increment();

    public void StaleServe() => Interlocked.Increment(ref _staleServes);

    public void UntrustedServe() => Interlocked.Increment(ref _untrustedServes);

    public void FailSafeServe(string key)
    {
        Interlocked.Increment(ref _failSafeServes);
        if (Events.Wants(CacheEventKind.FailSafeUsed))
            Events.Raise(CacheEventKind.FailSafeUsed, new CacheReadEventArgs(key, CacheOutcome.FailSafe));
    }

    public void UntrustedLoad() => Interlocked.Increment(ref _untrustedLoads);

    public void Miss() => Interlocked.Increment(ref _misses);

    /// <summary>Counts a read or a set with a key or a tag that cannot be cached.</summary>
    public void Uncacheable() => Interlocked.Increment(ref _uncacheable);

    /// <summary>Handlers of the events of the cache.</summary>
    public CacheEventQueue Events { get; }

    /// <summary>Whether reads are also counted by tag, or raise events.</summary>
    public bool ReportsReads { get; private set; }

    /// <summary>Counts a read once for each of its tags, and raises the event of the read.</summary>
    /// <param name="key">Key of the read.</param>
    /// <param name="names">Tags of the entry or the call. Dependency tags, which contain keys, are not reported.</param>
    /// <param name="outcome">Result in memory; <see cref="CacheOutcome.None"/> for a miss.</param>
    public void ReportRead(string key, ReadOnlySpan<string> names, CacheOutcome outcome)
    {
        var kind = outcome == CacheOutcome.None ? CacheEventKind.Missed : CacheEventKind.Hit;
        if (Events.Wants(kind))
            Events.Raise(kind, new CacheReadEventArgs(key, outcome));
        if (!_reportsTags)
            return;
        foreach (var name in names)
        {
            if (!DependencyTag.Is(name))
                _tagRequests.Add(1, _cacheTag, new(Names.Tag, name), OutcomeOf(outcome));
        }
    }

    public void RemoteHit() => Interlocked.Increment(ref _remoteHits);

    public void RemoteConfirmed() => Interlocked.Increment(ref _remoteConfirmed);

    public void RemoteRefused() => Interlocked.Increment(ref _remoteRefused);

    public void Join() => Interlocked.Increment(ref _joins);

    public void LoadStarted() => Interlocked.Increment(ref _loads);

    /// <summary>Whether a listener measures the duration of loads.</summary>
    public bool MeasuresLoads => _loadDuration.Enabled || Events.Wants(CacheEventKind.Loaded) || Events.Wants(CacheEventKind.LoadFailed);

    /// <param name="duration">Duration of the load; null if no listener was attached at its start.</param>
    /// <param name="failed">Whether the load threw.</param>
    public void LoadEnded(TimeSpan? duration, bool failed)
    {
        if (failed)
            Interlocked.Increment(ref _loadFailures);

        if (duration is { } time)
            _loadDuration.Record(time.TotalSeconds, _cacheTag, failed ? Failed : Succeeded);
    }

    /// <summary>Whether a listener measures the ages of values that are no plain hits.</summary>
    public bool MeasuresServedAge => _servedAge.Enabled;

    /// <param name="outcome">Stale, untrusted or joined.</param>
    /// <param name="age">Age of the value in milliseconds: since it was stored, or since its load began.</param>
    public void ServedOld(CacheOutcome outcome, long age) => _servedAge.Record(age / 1000.0, _cacheTag, OutcomeOf(outcome));

    /// <summary>Whether a listener measures the calls of the second level.</summary>
    public bool MeasuresRemote => _remoteDuration.Enabled;

    public void RemoteEnded(string operation, TimeSpan duration, bool failed) =>
        _remoteDuration.Record(duration.TotalSeconds, _cacheTag, new(Names.Operation, operation), failed ? Failed : Succeeded);

    /// <summary>Raises the event of the load of one key.</summary>
    /// <param name="key">Key of the load.</param>
    /// <param name="duration">Duration of the factory; null if no handler was attached at its start.</param>
    /// <param name="failure">Exception of a failed load; null for success.</param>
    public void RaiseLoaded(string key, TimeSpan? duration, Exception? failure)
    {
        var kind = failure is null ? CacheEventKind.Loaded : CacheEventKind.LoadFailed;
        if (Events.Wants(kind))
            Events.Raise(kind, new CacheReadEventArgs(key, failure is null ? CacheOutcome.Load : CacheOutcome.None) { Duration = duration ?? default, Exception = failure });
    }

    public void LoadRefused() => Interlocked.Increment(ref _loadsRefused);

    /// <summary>Counts a read that found an invalidated value in memory and did not return it.</summary>
    public void RemovedDuringRead() => Interlocked.Increment(ref _removedDuringRead);

    /// <summary>Counts a stale value that the application has found.</summary>
    public void StaleReported() => Interlocked.Increment(ref _staleReported);

    public void EntriesInvalidated(long entries) => Interlocked.Add(ref _invalidated, entries);

    public void EvictedForSize(long entries) => Interlocked.Add(ref _evictedForSize, entries);

    public void EvictedForAge(long entries) => Interlocked.Add(ref _evictedForAge, entries);

    /// <summary>Counts a change that exceeded the guard.</summary>
    public void ChangeExceeded(ChangeGuardAction then) =>
        Interlocked.Increment(ref then == ChangeGuardAction.Refuse ? ref _changesRefused : ref _changesWarned);

    /// <summary>Number of entries removed because of an invalidation.</summary>
    public long Invalidated => Interlocked.Read(ref _invalidated);

    /// <summary>Adds the counters of a limit of loads.</summary>
    /// <param name="setting">Setting that contains the limit.</param>
    public LoadLimitMetrics AddLimit(string setting)
    {
        var limit = new LoadLimitMetrics(setting);
        ImmutableInterlocked.Update(ref _limits, static (limits, added) => limits.Add(added), limit);
        return limit;
    }

    /// <summary>Adds the metrics of the rules.</summary>
    public void Follow(Func<RuleSetStatistics> rules) => RuleMetrics.Add(_meter, _cacheTag, () => Volatile.Read(ref _held) is null ? null : rules());

    private void UpdateReportsReads() => ReportsReads = _reportsTags || Events.Wants(CacheEventKind.Hit) || Events.Wants(CacheEventKind.Missed);

    public CacheStatistics Snapshot(long entries, long bytes, RuleSetStatistics rules) => new()
    {
        Name = _name,
        Hits = _hits.Value,
        StaleServes = Interlocked.Read(ref _staleServes),
        UntrustedServes = Interlocked.Read(ref _untrustedServes),
        FailSafeServes = Interlocked.Read(ref _failSafeServes),
        Misses = Interlocked.Read(ref _misses),
        Uncacheable = Interlocked.Read(ref _uncacheable),
        RemoteHits = Interlocked.Read(ref _remoteHits),
        RemoteConfirmed = Interlocked.Read(ref _remoteConfirmed),
        RemoteRefused = Interlocked.Read(ref _remoteRefused),
        Joins = Interlocked.Read(ref _joins),
        Loads = Interlocked.Read(ref _loads),
        UntrustedLoads = Interlocked.Read(ref _untrustedLoads),
        LoadFailures = Interlocked.Read(ref _loadFailures),
        LoadsRejected = _limits.Sum(static limit => limit.RejectedLoads),
        LoadsRefused = Interlocked.Read(ref _loadsRefused),
        RemovedDuringRead = Interlocked.Read(ref _removedDuringRead),
        StaleReported = Interlocked.Read(ref _staleReported),
        EntriesInvalidated = Interlocked.Read(ref _invalidated),
        EvictedForSize = Interlocked.Read(ref _evictedForSize),
        EvictedForAge = Interlocked.Read(ref _evictedForAge),
        ChangesExceeded = Interlocked.Read(ref _changesWarned) + Interlocked.Read(ref _changesRefused),
        Entries = entries,
        Bytes = bytes,
        Rules = rules,
    };
}
