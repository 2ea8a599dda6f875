using System.Diagnostics.Metrics;
using Unstale.Boundary;

namespace Unstale.Telemetry;

/// <summary>Origin of an invalidation.</summary>
internal enum MessageKind
{
    /// <summary>Domain event.</summary>
    Event,

    /// <summary>Command that has succeeded.</summary>
    Command,
}

/// <summary>Metrics of the events and commands for the queries of one cache. Labels are types and templates, so the program bounds their number.</summary>
internal sealed class MessageMetrics : IDisposable
{
    private readonly KeyValuePair<string, object?> _cacheTag;
    private readonly GuardedMeter _meter;
    private readonly GuardedCounter _invalidations;
    private readonly GuardedHistogram<long> _cleared;
    private readonly GuardedHistogram<double> _duration;
    private readonly GuardedCounter _failed;

    public MessageMetrics(IMeterFactory? meters, string cacheName)
    {
        _cacheTag = new(Names.CacheName, cacheName);
        _meter = new GuardedMeter(meters, Names.Source, _cacheTag);
        _invalidations = _meter.CreateCounter("unstale.events.invalidations", "{invalidation}", "Patterns by which events and commands invalidated something.");
        _cleared = _meter.CreateHistogram<long>("unstale.events.cleared", "{entry}", "Entries of this process cleared by one pattern of an event or a command.");
        _duration = _meter.CreateHistogram("unstale.events.duration", "Time until the invalidation was in force in this process and in the log.", Boundaries.Durations);
        _failed = _meter.CreateCounter("unstale.events.failed", "{event}", "Rules and handlers that threw.");
    }

    public bool CountsCleared => _cleared.Enabled;

    public static string Word(MessageKind kind) => kind == MessageKind.Event ? "event" : "command";

    public void Raised(MessageKind kind, string type, string pattern, TimeSpan duration)
    {
        _invalidations.Add(1, _cacheTag, Kind(kind), Type(type), Pattern(pattern));
        _duration.Record(duration.TotalSeconds, _cacheTag, Kind(kind), Type(type), Pattern(pattern));
    }

    public void Cleared(MessageKind kind, string type, string pattern, long entries) =>
        _cleared.Record(entries, _cacheTag, Kind(kind), Type(type), Pattern(pattern));

    public void Failed(MessageKind kind, string type) => _failed.Add(1, _cacheTag, Kind(kind), Type(type));

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Kind(MessageKind kind) => new(Names.Kind, Word(kind));

    private static KeyValuePair<string, object?> Type(string type) => new(Names.EventType, type);

    private static KeyValuePair<string, object?> Pattern(string pattern) => new(Names.Pattern, pattern);
}
