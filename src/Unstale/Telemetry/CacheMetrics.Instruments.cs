using System.Diagnostics.Metrics;
using Unstale.Boundary;

namespace Unstale.Telemetry;

internal sealed partial class CacheMetrics
{
    private static readonly KeyValuePair<string, object?> Failed = new(Names.Outcome, "failed");
    private static readonly KeyValuePair<string, object?> Succeeded = new(Names.Outcome, "succeeded");
    private static readonly KeyValuePair<string, object?> Served = new(Names.Outcome, "hit");
    private static readonly KeyValuePair<string, object?> ServedStale = new(Names.Outcome, "stale");
    private static readonly KeyValuePair<string, object?> ServedUntrusted = new(Names.Outcome, "untrusted");
    private static readonly KeyValuePair<string, object?> ServedJoined = new(Names.Outcome, "joined");
    private static readonly KeyValuePair<string, object?> ServedByFailSafe = new(Names.Outcome, "fail_safe");
    private static readonly KeyValuePair<string, object?> Missed = new(Names.Outcome, "miss");

    private readonly KeyValuePair<string, object?> _cacheTag;
    private readonly GuardedMeter _meter;
    private readonly GuardedHistogram<double> _loadDuration;
    private readonly GuardedHistogram<double> _servedAge;
    private readonly GuardedHistogram<double> _remoteDuration;
    private readonly GuardedCounter _tagRequests;

    // Cleared on disposal: a factory retains its meters, and with them all callbacks, until it is disposed itself.
    private Func<(long Entries, long Bytes)>? _held;

    public void Dispose()
    {
        Events.End();
        Volatile.Write(ref _held, null);
        _meter.Dispose();
    }

    // One meter per cache: instruments cannot be removed from a meter, and a cache may end before its process.
    private GuardedMeter CreateMeter(IMeterFactory? meters) => new(meters, Names.Source, _cacheTag);

    private void CreateInstruments()
    {
        Counter("unstale.cache.requests", "{request}", "Reads, by result in memory.", Requests);
        Counter("unstale.cache.fail_safe", "{request}", "Misses served with an expired value, because a load failed or exceeded a limit.", () => Of(ref _failSafeServes));
        Counter("unstale.cache.uncacheable", "{request}", "Reads and sets whose key or tags cannot be cached.", () => Of(ref _uncacheable));
        Counter("unstale.cache.remote.hits", "{request}", "Misses served from the second level.", () => Of(ref _remoteHits));
        Counter("unstale.cache.remote.confirmed", "{request}", "Hits of the second level that were served after confirmation by the log.", () => Of(ref _remoteConfirmed));
        Counter("unstale.cache.remote.refused", "{request}", "Values of the second level that were not used: they were or may have been invalidated.", () => Of(ref _remoteRefused));
        Counter("unstale.cache.joins", "{request}", "Misses that waited for a factory already running.", () => Of(ref _joins));
        Counter("unstale.load.started", "{load}", "Factories that ran.", () => Of(ref _loads));
        Counter("unstale.load.untrusted", "{load}", "Factories that ran while the node was not trusted.", () => Of(ref _untrustedLoads));
        Counter("unstale.load.failed", "{load}", "Factories that threw or were cancelled.", () => Of(ref _loadFailures));
        Counter("unstale.load.refused", "{load}", "Values loaded but not stored, because they were invalidated during the load.", () => Of(ref _loadsRefused));
        Counter("unstale.load.waited", "{load}", "Loads that waited for a slot, by limit.", () => OfLimits(static (limit, cache) => limit.MeasureWaited(cache)));
        Counter("unstale.load.rejected", "{load}", "Loads that threw because a limit was exceeded, by limit.", () => OfLimits(static (limit, cache) => limit.MeasureRejected(cache)));
        Counter("unstale.cache.invalidated", "{entry}", "Invalidated entries whose memory was reclaimed.", () => Of(ref _invalidated));
        Counter("unstale.cache.evictions", "{entry}", "Entries removed to limit the size or because of age.", Evictions);
        Counter("unstale.stale.prevented", "{incident}", "Stale values that were not served or not stored, by cause.", Prevented);
        Counter("unstale.stale.reported", "{incident}", "Stale values that the application has found and reported.", () => Of(ref _staleReported));
        Counter("unstale.changes.exceeded", "{change}", "Changes that exceeded the guard.", Exceeded);
        Gauge("unstale.cache.entries", "{entry}", "Entries in memory.", held => held.Entries);
        Gauge("unstale.cache.size", "By", "Estimated memory of the entries.", held => held.Bytes);
    }

    private void Counter(string name, string unit, string description, Func<Measurement<long>[]> observe) =>
        _meter.CreateObservableCounter(name, () => Volatile.Read(ref _held) is null ? [] : observe(), unit, description);

    private void Gauge(string name, string unit, string description, Func<(long Entries, long Bytes), long> select) =>
        _meter.CreateObservableUpDownCounter<long>(
            name,
            () => Volatile.Read(ref _held) is { } held ? [new Measurement<long>(select(held()), _cacheTag)] : [],
            unit,
            description);

    private Measurement<long>[] Of(ref long count) => [new(Interlocked.Read(ref count), _cacheTag)];

    private Measurement<long>[] OfLimits(Func<LoadLimitMetrics, KeyValuePair<string, object?>, Measurement<long>> measure) =>
        [.. _limits.Select(limit => measure(limit, _cacheTag))];

    private Measurement<long>[] Requests() =>
    [
        new(_hits.Value, _cacheTag, Served),
        new(Interlocked.Read(ref _staleServes), _cacheTag, ServedStale),
        new(Interlocked.Read(ref _untrustedServes), _cacheTag, ServedUntrusted),
        new(Interlocked.Read(ref _misses), _cacheTag, Missed),
    ];

    private static KeyValuePair<string, object?> OutcomeOf(CacheOutcome outcome) => outcome switch
    {
        CacheOutcome.None => Missed,
        CacheOutcome.Stale => ServedStale,
        CacheOutcome.Untrusted => ServedUntrusted,
        CacheOutcome.Joined => ServedJoined,
        CacheOutcome.FailSafe => ServedByFailSafe,
        _ => Served,
    };

    private Measurement<long>[] Prevented() =>
    [
        new(Interlocked.Read(ref _loadsRefused), _cacheTag, new(Names.Cause, "load_refused")),
        new(Interlocked.Read(ref _remoteRefused), _cacheTag, new(Names.Cause, "remote_refused")),
        new(Interlocked.Read(ref _untrustedLoads), _cacheTag, new(Names.Cause, "untrusted")),
        new(Interlocked.Read(ref _removedDuringRead), _cacheTag, new(Names.Cause, "removed_during_read")),
    ];

    private Measurement<long>[] Exceeded() =>
    [
        new(Interlocked.Read(ref _changesWarned), _cacheTag, new(Names.Outcome, "raised")),
        new(Interlocked.Read(ref _changesRefused), _cacheTag, new(Names.Outcome, "refused")),
    ];

    private Measurement<long>[] Evictions() =>
    [
        new(Interlocked.Read(ref _evictedForSize), _cacheTag, new(Names.Cause, "size")),
        new(Interlocked.Read(ref _evictedForAge), _cacheTag, new(Names.Cause, "age")),
    ];
}
