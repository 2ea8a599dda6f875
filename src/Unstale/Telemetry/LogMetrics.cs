using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Unstale.Telemetry;

/// <summary>What one log counts: invalidations by kind.</summary>
internal sealed class LogMetrics : IDisposable
{
    public const string Key = "key";
    public const string Tag = "tag";
    public const string Glob = "glob";
    public const string Regex = "regex";
    public const string AllOf = "all_of";
    public const string Everything = "everything";

    private static readonly string[] Kinds = [Key, Tag, Glob, Regex, AllOf, Everything];

    private readonly long[] _counts = new long[Kinds.Length];
    private readonly KeyValuePair<string, object?> _logTag;
    private readonly Meter _meter;
    private int _disposed;

    public LogMetrics(IMeterFactory? meters, string logName)
    {
        _logTag = new(Names.LogName, logName);
        var options = new MeterOptions(Names.Source) { Tags = [_logTag] };
        _meter = meters?.Create(options) ?? new Meter(options);
        _meter.CreateObservableCounter("unstale.invalidations", Observe, "{invalidation}", "Invalidations written here, by kind.");
    }

    public void Invalidation(int kind) => Interlocked.Increment(ref _counts[kind]);

    public long CountOf(string kind) => Interlocked.Read(ref _counts[IndexOf(kind)]);

    public void Dispose()
    {
        Interlocked.Exchange(ref _disposed, 1);
        _meter.Dispose();
    }

    private static int IndexOf(string kind) => kind switch
    {
        Key => 0,
        Tag => 1,
        Glob => 2,
        Regex => 3,
        AllOf => 4,
        Everything => 5,
        _ => throw new UnreachableException(kind),
    };

    private IEnumerable<Measurement<long>> Observe() =>
        Volatile.Read(ref _disposed) != 0
            ? []
            : Kinds.Select((kind, index) => new Measurement<long>(Interlocked.Read(ref _counts[index]), _logTag, new(Names.Kind, kind)));
}
